// The engine's Stream in C++, with the records that the benchmarks send: what this machine can do at best.
#pragma once
#include <pthread.h>
#include <sched.h>
#include <time.h>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

#ifndef RING_BYTES
#define RING_BYTES (1 << 16)
#endif
constexpr uint32_t kRingBytes = RING_BYTES;
constexpr uint32_t kWords = kRingBytes / 8;
constexpr uint32_t kHeaderBytes = 56;
constexpr uint32_t kBodyWords = 8;
constexpr uint32_t kStampWords = 2;
constexpr uint32_t kLength = kHeaderBytes + kBodyWords * 8;
constexpr uint32_t kStep = kLength / 8 + kStampWords;
constexpr uint32_t kPadding = 0;
constexpr uint32_t kType = 999;

// Two cache lines a control word, as in the engine's arena.
struct Ring {
  alignas(128) std::atomic<uint32_t> tail{0};
  alignas(128) std::atomic<uint32_t> head{0};
  alignas(128) double data[kWords];

  void setLengthAndType(uint32_t word, uint32_t length, uint32_t type) {
    const uint32_t pair[2] = {length, type};
    std::memcpy(&data[word], pair, sizeof pair);
  }
};

struct Writer {
  Ring &ring;
  uint32_t claimed = 0;
  uint32_t slowest = 0;

  // Writes one message and shows it, or answers false when the ring is full.
  bool write(double number) {
    if (!put(number)) return false;
    publish();
    return true;
  }

  void publish() { ring.tail.store(claimed, std::memory_order_release); }

  // Writes one message that nobody sees before publish, or answers false when the ring is full.
  bool put(double number) {
    uint32_t word = claimed & (kWords - 1);
    const uint32_t toEnd = kWords - word;
    const uint32_t padding = kStep > toEnd ? toEnd : 0;
    const uint32_t end = claimed + padding + kStep;
    if (end - slowest > kWords) {
      slowest = ring.head.load(std::memory_order_acquire);
      if (end - slowest > kWords) return false;
    }
    if (padding != 0) {
      ring.setLengthAndType(word, padding * 8, kPadding);
      word = 0;
    }
    ring.setLengthAndType(word, kLength, kType);
    double *record = &ring.data[word];
    std::memset(record + 1, 0, kLength - 8);
    record[1] = number;
    for (uint32_t index = 0; index < kBodyWords; index++) record[kHeaderBytes / 8 + index] = number + index;
    claimed = end;
    return true;
  }
};

struct Reader {
  Ring &ring;
  uint32_t position = 0;
  double sum = 0;

  // Reads one message and gives its room back, or answers false when there is none.
  bool read(double expected) {
    if (position == ring.tail.load(std::memory_order_acquire)) return false;
    take(expected);
    release();
    return true;
  }

  void release() { ring.head.store(position, std::memory_order_release); }

  // Reads the message that is certainly there.
  void take(double expected) {
    uint32_t pair[2];
    std::memcpy(pair, &ring.data[position & (kWords - 1)], sizeof pair);
    if (pair[1] == kPadding) {
      position += pair[0] / 8;
      std::memcpy(pair, &ring.data[position & (kWords - 1)], sizeof pair);
    }
    const double *record = &ring.data[position & (kWords - 1)];
    if (record[1] != expected) {
      std::fprintf(stderr, "expected message %.0f, found %.0f\n", expected, record[1]);
      std::exit(1);
    }
    for (uint32_t index = 0; index < kBodyWords; index++) sum += record[kHeaderBytes / 8 + index];
    position += pair[0] / 8 + kStampWords;
  }
};

void pinTo(int cpu) {
  if (cpu < 0) return;
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  pthread_setaffinity_np(pthread_self(), sizeof set, &set);
}

double now() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

}  // namespace
