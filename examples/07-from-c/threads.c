/* A call with everything in the program's hands: errors, memory, threads. */
#include "causal.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { WORKERS = 2 };

struct job {
  attn_task task;
  void *context;
  int64_t worker;
};

static int workers_run;

static void *run_worker(void *argument) {
  struct job *job = argument;
  job->task(job->context, job->worker);
  return NULL;
}

/* Any scheduler will do here: OpenMP, TBB, a queue. */
static void parallel_for(void *user, int64_t count, attn_task task,
                         void *context) {
  pthread_t threads[WORKERS];
  struct job jobs[WORKERS];
  (void)user;
  for (int64_t w = 0; w < count; ++w) {
    jobs[w] = (struct job){task, context, w};
    pthread_create(&threads[w], NULL, run_worker, &jobs[w]);
  }
  for (int64_t w = 0; w < count; ++w)
    pthread_join(threads[w], NULL);
  workers_run = (int)count;
}

int main(void) {
  int64_t queries[] = {2, 8, 300, 64}, keys[] = {2, 2, 300, 64};
  float *q = calloc(2 * 8 * 300 * 64, sizeof(float));
  float *kv = calloc(2 * 2 * 300 * 64, sizeof(float));
  float *o = calloc(2 * 8 * 300 * 64, sizeof(float));
  DLTensor tq = attn_tensor_f32(q, 4, queries);
  DLTensor tkv = attn_tensor_f32(kv, 4, keys);
  DLTensor to = attn_tensor_f32(o, 4, queries);

  char text[256] = "";
  attn_env env = {sizeof(attn_env), WORKERS, 0,    NULL,
                  parallel_for,     NULL,    NULL, NULL};
  attn_options options = ATTN_OPTIONS_INIT;
  options.env = &env;
  options.error = text;
  options.error_bytes = sizeof(text);

  /* A mistake costs nothing: no output is touched. */
  keys[1] = 3;
  if (causal_call(&tq, &tkv, &tkv, &to, &options) == ATTN_OK)
    return 1;
  printf("refused: %s\n", text);
  keys[1] = 2;

  /* Scratch memory is asked for once, then no call allocates. */
  size_t bytes = 0;
  if (causal_workspace_size(&tq, &tkv, &tkv, &to, &options, &bytes))
    return 1;
  options.workspace = malloc(bytes);
  options.workspace_bytes = bytes;
  if (causal_call(&tq, &tkv, &tkv, &to, &options) != ATTN_OK) {
    fprintf(stderr, "%s\n", text);
    return 1;
  }
  printf("%d workers, workspace %s\n", workers_run,
         bytes ? "given" : "not needed");
  free(options.workspace);
  free(q);
  free(kv);
  free(o);
  return 0;
}
