/* Counts what a process does to the files of one folder, and makes one of these calls fail.

   Loaded with LD_PRELOAD; asleep until fault_arm() is called. So the very calls fail that SQLite,
   Pillow and Python make, not stand-ins for them. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { NONE, KILL_BEFORE, KILL_AFTER, IO_ERROR, DISK_FULL, TOO_MANY_FILES, HALF_WRITE, SHORT_WRITE, PAUSE };
enum group { OPENS = 1, WRITES = 2, OTHERS = 4 };

static char folder[PATH_MAX];
static size_t folder_length;
static int armed = NONE, forever;
static long wanted;
static atomic_long passed;
static atomic_int done;

void fault_arm(const char *where, int kind, long number, int every_later_one)
{
    snprintf(folder, sizeof folder, "%s", where);
    folder_length = strlen(folder);
    wanted = number;
    forever = every_later_one;
    atomic_store(&passed, 0);
    atomic_store(&done, 0);
    armed = kind;
}

long fault_passed(void) { return atomic_load(&passed); }

static int ours_path(const char *path)
{
    char whole[PATH_MAX * 2];
    if (!folder_length || !path) return 0;
    if (path[0] != '/') {
        char current[PATH_MAX];
        if (!getcwd(current, sizeof current)) return 0;
        snprintf(whole, sizeof whole, "%s/%s", current, path);
        path = whole;
    }
    return strncmp(path, folder, folder_length) == 0;
}

static int ours_fd(int fd)
{
    char link[64], path[PATH_MAX];
    if (!folder_length) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return path[0] == '/' && ours_path(path); /* not "pipe:[1]" or "anon_inode:[eventfd]" */
}

static int applies(int group)
{
    switch (armed) {
    case TOO_MANY_FILES: return group == OPENS;
    case HALF_WRITE: case SHORT_WRITE: return group == WRITES;
    case DISK_FULL: return group != OTHERS;
    default: return armed != NONE;
    }
}

/* Returns the fault that this call is to suffer. */
static int next_fault(int group)
{
    long number = atomic_fetch_add(&passed, 1) + 1;
    if (number < wanted || !applies(group)) return NONE;
    if (atomic_exchange(&done, 1) && !forever) return NONE;
    if (armed == KILL_BEFORE) { raise(SIGKILL); pause(); }
    if (armed == PAUSE) { raise(SIGSTOP); return NONE; }
    return armed;
}

static int error_of(int fault)
{
    return fault == DISK_FULL ? ENOSPC : fault == TOO_MANY_FILES ? EMFILE : EIO;
}

#define REAL(name) \
    static __typeof__(name) *real; \
    if (!real) real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

#define FAILS(fault) ((fault) == IO_ERROR || (fault) == DISK_FULL || (fault) == TOO_MANY_FILES)

/* Does a call that returns -1 where it fails. */
#define GUARDED(ours, group, call) \
    if (!folder_length || !(ours)) return call; \
    int fault = next_fault(group); \
    if (FAILS(fault)) { errno = error_of(fault); return -1; } \
    __typeof__(call) result = call; \
    if (fault == KILL_AFTER) { raise(SIGKILL); pause(); } \
    return result

#define CHANGES(flags) ((flags) & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC))

#define OPEN(name) \
    int name(const char *path, int flags, ...) \
    { \
        REAL(name); \
        va_list more; va_start(more, flags); \
        mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0; \
        va_end(more); \
        GUARDED(CHANGES(flags) && ours_path(path), OPENS, real(path, flags, mode)); \
    }
OPEN(open)
OPEN(open64)

#define OPENAT(name) \
    int name(int at, const char *path, int flags, ...) \
    { \
        REAL(name); \
        va_list more; va_start(more, flags); \
        mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0; \
        va_end(more); \
        GUARDED(CHANGES(flags) && ours_path(path), OPENS, real(at, path, flags, mode)); \
    }
OPENAT(openat)
OPENAT(openat64)

#define WRITING(count, whole, half) \
    if (!folder_length || !ours_fd(fd)) return whole; \
    int fault = next_fault(WRITES); \
    if (FAILS(fault)) { errno = error_of(fault); return -1; } \
    if ((fault == HALF_WRITE || fault == SHORT_WRITE) && (count) > 1) { \
        ssize_t written = half; \
        if (fault == HALF_WRITE) { raise(SIGKILL); pause(); } \
        return written; \
    } \
    ssize_t result = whole; \
    if (fault == KILL_AFTER) { raise(SIGKILL); pause(); } \
    return result

ssize_t write(int fd, const void *data, size_t count)
{
    REAL(write);
    WRITING(count, real(fd, data, count), real(fd, data, count / 2));
}

ssize_t pwrite(int fd, const void *data, size_t count, off_t at)
{
    REAL(pwrite);
    WRITING(count, real(fd, data, count, at), real(fd, data, count / 2, at));
}

ssize_t pwrite64(int fd, const void *data, size_t count, off64_t at)
{
    REAL(pwrite64);
    WRITING(count, real(fd, data, count, at), real(fd, data, count / 2, at));
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
    REAL(writev);
    WRITING(count, real(fd, parts, count), real(fd, parts, count / 2));
}

int fsync(int fd) { REAL(fsync); GUARDED(ours_fd(fd), OTHERS, real(fd)); }
int fdatasync(int fd) { REAL(fdatasync); GUARDED(ours_fd(fd), OTHERS, real(fd)); }
int ftruncate(int fd, off_t size) { REAL(ftruncate); GUARDED(ours_fd(fd), WRITES, real(fd, size)); }
int ftruncate64(int fd, off64_t size) { REAL(ftruncate64); GUARDED(ours_fd(fd), WRITES, real(fd, size)); }
int fchmod(int fd, mode_t mode) { REAL(fchmod); GUARDED(ours_fd(fd), OTHERS, real(fd, mode)); }
int rename(const char *from, const char *to)
{
    REAL(rename);
    GUARDED(ours_path(to) || ours_path(from), OTHERS, real(from, to));
}
int link(const char *from, const char *to) { REAL(link); GUARDED(ours_path(to), OTHERS, real(from, to)); }
int unlink(const char *path) { REAL(unlink); GUARDED(ours_path(path), OTHERS, real(path)); }
int rmdir(const char *path) { REAL(rmdir); GUARDED(ours_path(path), OTHERS, real(path)); }
int mkdir(const char *path, mode_t mode) { REAL(mkdir); GUARDED(ours_path(path), OPENS, real(path, mode)); }
