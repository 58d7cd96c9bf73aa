/* Latencies, and what a server takes of CPU and memory. */

#pragma once
#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SECOND 1000000000ull
enum { MOST_PIDS = 64, STEPS = 368, SUBSTEPS = 16, UNIT = 64 /* ns */ };

struct server_pids {
    int all[MOST_PIDS], count;
};

static uint64_t histogram[STEPS]; /* 16 steps to each power of two */

static void fail(const char *format, ...) {
    va_list values;
    va_start(values, format);
    vfprintf(stderr, format, values);
    fprintf(stderr, "\n");
    exit(2);
}

static void check(int succeeded, const char *what) {
    if (!succeeded) fail("%s: %s", what, strerror(errno));
}

static uint64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec;
}

static void note_latency(uint64_t time) {
    uint64_t units = time / UNIT;
    int power = 0;
    while (units >> power >= 2 * SUBSTEPS) power++;
    long step = power * SUBSTEPS + (long)(units >> power);
    histogram[step < STEPS ? step : STEPS - 1]++;
}

static double microseconds(int step) {
    int power = step < 2 * SUBSTEPS ? 0 : step / SUBSTEPS - 1;
    return (double)((uint64_t)(step - power * SUBSTEPS) << power) * UNIT / 1000;
}

static double latency(double part) {
    uint64_t all = 0, passed = 0;
    int step = 0;
    for (int at = 0; at < STEPS; at++) all += histogram[at];
    while (step < STEPS - 1 && (double)(passed += histogram[step]) < (double)all * part) step++;
    return microseconds(step);
}

static void add_pid(struct server_pids *pids, int pid) {
    if (pids->count == MOST_PIDS) fail("at most %d processes", MOST_PIDS);
    pids->all[pids->count++] = pid;
}

static double seconds_of(int pid) {
    char path[300];
    unsigned long long all = 0, of_thread;
    snprintf(path, sizeof path, "/proc/%d/task", pid);
    DIR *folder = opendir(path);
    check(folder != NULL, path);
    for (struct dirent *thread; (thread = readdir(folder));) {
        snprintf(path, sizeof path, "/proc/%d/task/%.20s/schedstat", pid, thread->d_name);
        FILE *file = *thread->d_name == '.' ? NULL : fopen(path, "r");
        if (file && fscanf(file, "%llu", &of_thread) == 1) all += of_thread; /* ns; the clock ticks of `stat` are too coarse */
        if (file) fclose(file);
    }
    closedir(folder);
    return (double)all / SECOND;
}

static double seconds_of_all(const struct server_pids *pids) {
    double all = 0;
    for (int at = 0; at < pids->count; at++) all += seconds_of(pids->all[at]);
    return all;
}

static long kib_in(const char *path, const char *name) {
    char line[300];
    long found = -1;
    FILE *file = fopen(path, "r");
    check(file != NULL, path);
    while (found < 0 && fgets(line, sizeof line, file))
        if (!strncmp(line, name, strlen(name))) found = atol(line + strlen(name));
    fclose(file);
    return found;
}

static long kib_of_all(const struct server_pids *pids) {
    char path[64];
    long all = 0;
    for (int at = 0; at < pids->count; at++) {
        snprintf(path, sizeof path, "/proc/%d/smaps_rollup", pids->all[at]);
        all += kib_in(path, "Rss:");
    }
    return all;
}
