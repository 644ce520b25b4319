// Stands between the recorder and the system: fails calls on its log, and moves its clocks. Built and used by tests/tests/record_faults.rs.
//
//   FAULTS="write:3:2:ENOSPC"   calls 3 and 4 of write on *.jsonl fail so; SHORT writes half of the bytes; STOP stops the process first; fdatasync and open likewise
//   FAULTS_FIRED=FILE           is made when a fault happens
//   TRACE=FILE                   holds, in order, what reached the system: "write 812 NAME", "fdatasync NAME", "open NAME", "truncate NAME" of logs, "mkdir NAME", "fsync NAME"
//   CLOCKS=FILE                 holds seconds to add to the wall clock and to the boot clock: "3600 0"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static ssize_t (*real_write)(int, const void *, size_t);
static int (*real_fdatasync)(int);
static int (*real_fsync)(int);
static int (*real_mkdir)(const char *, mode_t);
static int (*real_ftruncate64)(int, off64_t);
static int (*real_clock_gettime)(clockid_t, struct timespec *);
static int (*real_open64)(const char *, int, ...);

__attribute__((constructor)) static void find_real(void) {
    real_write = dlsym(RTLD_NEXT, "write");
    real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    real_fsync = dlsym(RTLD_NEXT, "fsync");
    real_mkdir = dlsym(RTLD_NEXT, "mkdir");
    real_ftruncate64 = dlsym(RTLD_NEXT, "ftruncate64");
    real_clock_gettime = dlsym(RTLD_NEXT, "clock_gettime");
    real_open64 = dlsym(RTLD_NEXT, "open64");
}

static int is_log_name(const char *name) {
    size_t length = strlen(name);
    return length > 6 && strcmp(name + length - 6, ".jsonl") == 0;
}

static void name_of(int fd, char name[4096]) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, name, 4095);
    name[length < 0 ? 0 : length] = 0;
}

static int is_log(int fd) {
    char name[4096];
    name_of(fd, name);
    return is_log_name(name);
}

// A line of TRACE, once a call has returned.
static void trace(const char *call, const char *name) {
    const char *path = getenv("TRACE");
    if (!path) return;
    char line[8300];
    int length = snprintf(line, sizeof line, "%s %s\n", call, name);
    int file = real_open64(path, O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
    if (file < 0 || real_write(file, line, length) != length) abort();
    close(file);
}

static int traced(int result, const char *call, int fd) {
    int error = errno;
    char name[4096];
    name_of(fd, name);
    if (result >= 0) trace(call, name);
    errno = error;
    return result;
}

// The fault that is due for this call: an errno, -1 for a short write, 0 for none.
static int fault(const char *call, int *count) {
    const char *spec = getenv("FAULTS");
    char name[16], word[16];
    int first, times;
    if (!spec || sscanf(spec, "%15[a-z]:%d:%d:%15s", name, &first, &times, word) != 4 || strcmp(name, call)) return 0;
    int number = ++*count;
    if (number < first || number >= first + times) return 0;
    const char *fired = getenv("FAULTS_FIRED");
    if (fired) close(real_open64(fired, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    if (!strcmp(word, "ENOSPC")) return ENOSPC;
    if (!strcmp(word, "EDQUOT")) return EDQUOT;
    if (!strcmp(word, "EIO")) return EIO;
    if (!strcmp(word, "EACCES")) return EACCES;
    if (!strcmp(word, "EINTR")) return EINTR;
    if (!strcmp(word, "SHORT")) return -1;
    if (!strcmp(word, "STOP")) {
        kill(getpid(), SIGSTOP);
        return 0;
    }
    abort();
}

ssize_t write(int fd, const void *bytes, size_t length) {
    static int count;
    int due = is_log(fd) ? fault("write", &count) : 0;
    if (due > 0) {
        errno = due;
        return -1;
    }
    int ours = is_log(fd);
    ssize_t result = real_write(fd, bytes, due < 0 && length > 1 ? length / 2 : length);
    if (!ours) return result;
    char call[32];
    snprintf(call, sizeof call, "write %zd", result);
    return traced(result, call, fd) < 0 ? -1 : result;
}

int fdatasync(int fd) {
    static int count;
    int due = is_log(fd) ? fault("fdatasync", &count) : 0;
    if (due > 0) {
        errno = due;
        return -1;
    }
    return traced(real_fdatasync(fd), "fdatasync", fd);
}

int fsync(int fd) {
    return traced(real_fsync(fd), "fsync", fd);
}

int ftruncate64(int fd, off64_t length) {
    return traced(real_ftruncate64(fd, length), "truncate", fd);
}

int mkdir(const char *path, mode_t mode) {
    int result = real_mkdir(path, mode);
    int error = errno;
    char name[4096];
    if (!result) trace("mkdir", realpath(path, name) ? name : path);
    errno = error;
    return result;
}

int open64(const char *path, int flags, ...) {
    static int count;
    va_list rest;
    va_start(rest, flags);
    mode_t mode = va_arg(rest, mode_t);
    va_end(rest);
    int due = is_log_name(path) ? fault("open", &count) : 0;
    if (due > 0) {
        errno = due;
        return -1;
    }
    int fd = real_open64(path, flags, mode);
    return flags & O_CREAT && is_log_name(path) ? traced(fd, "open", fd) : fd;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    int result = real_clock_gettime(clock, time);
    const char *path = getenv("CLOCKS");
    if (result || !path || (clock != CLOCK_REALTIME && clock != CLOCK_BOOTTIME)) return result;
    int file = real_open64(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return result;
    char text[64] = {0};
    long wall = 0, boot = 0;
    if (read(file, text, sizeof text - 1) > 0 && sscanf(text, "%ld %ld", &wall, &boot) == 2)
        time->tv_sec += clock == CLOCK_REALTIME ? wall : boot;
    close(file);
    return result;
}
