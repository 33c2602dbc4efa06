/* Prints the variant of the library that this processor is given, or why none
 * (and exits with 3). */
#include "copy.h"
#include <stdio.h>

int main(void) {
  const char *error = NULL;
  const attn_library *library = copy_query(ATTN_ABI_VERSION, &error);
  if (!library) {
    printf("refused: %s\n", error);
    return 3;
  }
  printf("picked %s\n", library->target);
  return 0;
}
