/* The compiler's C API: compiles the file argv[1] to argv[2], then nonsense. */
#include "attn/CAPI/Compiler.h"
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv) {
  static char source[100000];
  char *text;
  AttnStatus status;
  AttnCompileOptions options = {sizeof(AttnCompileOptions), "x86-64-v2", "lib",
                                "nonsense.mlir"};
  FILE *file = argc == 3 ? fopen(argv[1], "r") : NULL;
  if (!file)
    return 2;
  size_t size = fread(source, 1, sizeof(source), file);
  fclose(file);
  printf("%s knows %s\n", attnVersion(), attnTargets());
  status = attnCompile(source, size, argv[2], NULL, &text);
  printf("%sstatus %d\n", text, status);
  attnStringFree(text);
  const char *bad = "func.func @f() -> index { return %x : index }";
  status = attnCompile(bad, strlen(bad), "never", &options, &text);
  printf("%sstatus %d\n", text, status);
  attnStringFree(text);
  status = attnRunStages(source, size, "bufferize", &options, &text, NULL);
  if (status || !strstr(text, "memref"))
    return 1;
  attnStringFree(text);
  return 0;
}
