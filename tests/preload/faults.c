// Stands between the recorder and the system: fails calls on its log, and moves its clocks. Built and used by tests/tests/record_faults.rs.
//
//   FAULTS="write:3:2:ENOSPC"   calls 3 and 4 of write on *.jsonl fail so; SHORT writes half of the bytes; fdatasync and open likewise
//   FAULTS_FIRED=FILE           is made when a fault happens
//   CLOCKS=FILE                 holds seconds to add to the wall clock and to the boot clock: "3600 0"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static ssize_t (*real_write)(int, const void *, size_t);
static int (*real_fdatasync)(int);
static int (*real_clock_gettime)(clockid_t, struct timespec *);
static int (*real_open64)(const char *, int, ...);

__attribute__((constructor)) static void find_real(void) {
    real_write = dlsym(RTLD_NEXT, "write");
    real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    real_clock_gettime = dlsym(RTLD_NEXT, "clock_gettime");
    real_open64 = dlsym(RTLD_NEXT, "open64");
}

static int is_log_name(const char *name) {
    size_t length = strlen(name);
    return length > 6 && strcmp(name + length - 6, ".jsonl") == 0;
}

static int is_log(int fd) {
    char link[64], name[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, name, sizeof name - 1);
    if (length < 0) return 0;
    name[length] = 0;
    return is_log_name(name);
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
    abort();
}

ssize_t write(int fd, const void *bytes, size_t length) {
    static int count;
    int due = is_log(fd) ? fault("write", &count) : 0;
    if (due > 0) {
        errno = due;
        return -1;
    }
    return real_write(fd, bytes, due < 0 && length > 1 ? length / 2 : length);
}

int fdatasync(int fd) {
    static int count;
    int due = is_log(fd) ? fault("fdatasync", &count) : 0;
    if (due > 0) {
        errno = due;
        return -1;
    }
    return real_fdatasync(fd);
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
    return real_open64(path, flags, mode);
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
