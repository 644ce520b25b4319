/* NVML with eight cards that draw 300 W, for measuring what samplers cost: no file, no lock, nothing but the clock. With CHANGING, cards
 * draw another power each second, and their counters fit it: for what tools write. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#ifndef CARDS
#define CARDS 8
#endif
enum { OK = 0, NOT_SUPPORTED = 3 };
typedef uintptr_t Card; /* number + 1 */

static uint64_t milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

int nvmlInit_v2(void) { return OK; }
int nvmlInitWithFlags(unsigned flags) { (void)flags; return OK; }
int nvmlShutdown(void) { return OK; }
const char *nvmlErrorString(int code) { (void)code; return "not supported"; }
int nvmlSystemGetDriverVersion(char *text, unsigned length) { snprintf(text, length, "550.54.15"); return OK; }
int nvmlDeviceGetCount_v2(unsigned *count) { *count = CARDS; return OK; }
int nvmlDeviceGetHandleByIndex_v2(unsigned index, Card *card) { *card = index + 1; return index < CARDS ? OK : 2; }
int nvmlDeviceGetIndex(Card card, unsigned *index) { *index = (unsigned)card - 1; return OK; }
int nvmlDeviceGetName(Card card, char *text, unsigned length) { (void)card; snprintf(text, length, "NVIDIA A100-SXM4-80GB"); return OK; }
int nvmlDeviceGetUUID(Card card, char *text, unsigned length) {
    snprintf(text, length, "GPU-6f0f1c52-7c1d-4f0e-9a51-0f2d3c4b5a%02x", (unsigned)card);
    return OK;
}
#ifdef CHANGING
static unsigned watts(Card card, uint64_t second) { return 200 + 50 * (unsigned)card + 7 * (unsigned)(second % 5); }
static uint64_t energy(Card card, uint64_t at) {
    uint64_t second = at / 1000, sum = (at % 1000) * watts(card, second) + second / 5 * 5000 * watts(card, 2);
    for (uint64_t rest = second / 5 * 5; rest < second; rest++) sum += 1000 * watts(card, rest);
    return sum;
}
#else
static unsigned watts(Card card, uint64_t second) { (void)card; (void)second; return 300; }
static uint64_t energy(Card card, uint64_t at) { (void)card; return at * 300; }
#endif
int nvmlDeviceGetPowerUsage(Card card, unsigned *milliwatts) { *milliwatts = 1000 * watts(card, milliseconds() / 1000); return OK; }
int nvmlDeviceGetTotalEnergyConsumption(Card card, uint64_t *millijoules) { *millijoules = energy(card, milliseconds()); return OK; }
int nvmlDeviceGetUtilizationRates(Card card, unsigned rates[2]) { (void)card; rates[0] = 97; rates[1] = 50; return OK; }
int nvmlDeviceGetPowerManagementLimit(Card card, unsigned *milliwatts) { (void)card; *milliwatts = 400000; return OK; }
int nvmlDeviceGetEnforcedPowerLimit(Card card, unsigned *milliwatts) { (void)card; *milliwatts = 400000; return OK; }
int nvmlDeviceGetTemperature(Card card, int sensor, unsigned *celsius) { (void)card; (void)sensor; *celsius = 60; return OK; }
int nvmlDeviceGetComputeMode(Card card, int *mode) { (void)card; *mode = 0; return OK; }
int nvmlDeviceGetMigMode(Card card, unsigned *current, unsigned *pending) { (void)card; *current = *pending = 0; return OK; }
int nvmlDeviceGetMemoryInfo(Card card, uint64_t memory[3]) {
    (void)card;
    memory[0] = 80ull << 30, memory[1] = 40ull << 30, memory[2] = 40ull << 30;
    return OK;
}
struct memory_v2 { unsigned version; uint64_t total, reserved, free, used; };
int nvmlDeviceGetMemoryInfo_v2(Card card, struct memory_v2 *memory) {
    (void)card;
    memory->total = 80ull << 30, memory->reserved = 0, memory->free = memory->used = 40ull << 30;
    return OK;
}
int nvmlDeviceGetComputeRunningProcesses_v3(Card card, unsigned *count, void *processes) { (void)card; (void)processes; *count = 0; return OK; }
int nvmlDeviceGetGraphicsRunningProcesses_v3(Card card, unsigned *count, void *processes) { (void)card; (void)processes; *count = 0; return OK; }
int nvmlSystemGetCudaDriverVersion_v2(int *version) { *version = 12040; return OK; }
int nvmlSystemGetCudaDriverVersion(int *version) { *version = 12040; return OK; }
int nvmlDeviceGetArchitecture(Card card, unsigned *architecture) { (void)card; *architecture = 7; return OK; }
