// Writes the name of every call that starts a program or opens the network into CALLS=FILE, and lets it pass. Built and used by tests/tests/quiet.rs.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

static void told(const char *call) {
    const char *path = getenv("CALLS");
    int file = path ? open(path, O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600) : -1;
    if (file < 0 || write(file, call, strlen(call)) < 0 || write(file, "\n", 1) < 0) abort();
    close(file);
}

#define PASS(result, name, parameters, arguments)                                                                                                              \
    result name parameters {                                                                                                                                   \
        result(*real) parameters = dlsym(RTLD_NEXT, #name);                                                                                                    \
        told(#name);                                                                                                                                           \
        return real arguments;                                                                                                                                 \
    }

// A socket between processes of one machine is no network.
int socket(int domain, int type, int protocol) {
    int (*real)(int, int, int) = dlsym(RTLD_NEXT, "socket");
    if (domain != AF_UNIX) told("socket");
    return real(domain, type, protocol);
}

PASS(int, connect, (int fd, const struct sockaddr *address, socklen_t length), (fd, address, length))
PASS(int, getaddrinfo, (const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **found), (node, service, hints, found))
PASS(pid_t, fork, (void), ())
PASS(int, execve, (const char *path, char *const arguments[], char *const environment[]), (path, arguments, environment))
PASS(int, execvp, (const char *path, char *const arguments[]), (path, arguments))
PASS(int, posix_spawn, (pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attributes, char *const arguments[], char *const environment[]), (pid, path, actions, attributes, arguments, environment))
PASS(int, posix_spawnp, (pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attributes, char *const arguments[], char *const environment[]), (pid, path, actions, attributes, arguments, environment))
