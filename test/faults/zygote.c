/*
 * Copies a Node process (fork), so that each copy may die at another call without Node having to start each time.
 * An addon; `node --single-threaded` with faults.c preloaded, and no thread of an addon started before.
 *
 *   fork(): number   in the copy -1; in the original, when the copy has ended, its status as of waitpid(2)
 *   leave(): never   ends a copy: exit handlers would wait for threads that a copy does not have
 *   pid(): number    of this process; process.pid is that of the original
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

/* What is needed of node_api.h and uv.h, which not every installation of Node has. */
typedef struct napi_env__ *napi_env;
typedef struct napi_value__ *napi_value;
typedef struct napi_callback_info__ *napi_callback_info;
typedef napi_value (*napi_callback)(napi_env, napi_callback_info);
extern int napi_create_function(napi_env, const char *, size_t, napi_callback, void *, napi_value *);
extern int napi_create_int32(napi_env, int32_t, napi_value *);
extern int napi_set_named_property(napi_env, napi_value, const char *, napi_value);
extern int napi_throw_error(napi_env, const char *, const char *);
extern void *uv_default_loop(void);
extern int uv_loop_fork(void *);

static void faults(const char *name) {
  void (*function)(void) = NULL;
  *(void **)&function = dlsym(RTLD_DEFAULT, name);
  if (function != NULL) function();
}

static napi_value number(napi_env env, int32_t value) {
  napi_value result = NULL;
  napi_create_int32(env, value, &result);
  return result;
}

static napi_value copy(napi_env env, napi_callback_info info) {
  (void)info;
  pid_t pid = fork();
  if (pid == 0) {
    if (uv_loop_fork(uv_default_loop()) != 0) _exit(99);
    faults("faults_begin");
    return number(env, -1);
  }
  int status = 0;
  if (pid < 0 || waitpid(pid, &status, 0) != pid) napi_throw_error(env, NULL, "fork or waitpid failed");
  return number(env, status);
}

static napi_value leave(napi_env env, napi_callback_info info) {
  (void)env;
  (void)info;
  faults("faults_end");
  _exit(0);
}

static napi_value pid(napi_env env, napi_callback_info info) {
  (void)info;
  return number(env, (int32_t)getpid());
}

static void set(napi_env env, napi_value exports, const char *name, napi_callback function) {
  napi_value value = NULL;
  napi_create_function(env, name, SIZE_MAX, function, NULL, &value);
  napi_set_named_property(env, exports, name, value);
}

napi_value napi_register_module_v1(napi_env env, napi_value exports) {
  set(env, exports, "fork", copy);
  set(env, exports, "leave", leave);
  set(env, exports, "pid", pid);
  return exports;
}
