// The physical limit of a Stream's rate: the same ring, records and batches in C++.
//
//   ring-peer <messages> <batch> <writer's CPU> <reader's CPU>      (a CPU of -1: not pinned)
//
// Prints the messages a second that the reader took, counted from its first one.
#define RING_BYTES (1 << 17)
#include <thread>

#include "../../rig/ring.hpp"

namespace {

Ring ring;
// As many as the engine's reader takes before it gives room back.
constexpr int kPollLimit = 256;

}  // namespace

int main(int argc, char **argv) {
  if (argc != 5) {
    std::fprintf(stderr, "usage: ring-peer <messages> <batch> <writer's CPU> <reader's CPU>\n");
    return 2;
  }
  const int count = std::atoi(argv[1]);
  const int batch = std::atoi(argv[2]);
  const int writerCpu = std::atoi(argv[3]);
  const int readerCpu = std::atoi(argv[4]);

  double seconds = 0;
  double sum = 0;
  std::thread reading([&] {
    pinTo(readerCpu);
    Reader reader{ring};
    int number = 0;
    while (!reader.read(number)) {
    }
    number++;
    const double start = now();
    while (number < count) {
      const uint32_t tail = ring.tail.load(std::memory_order_acquire);
      if (reader.position == tail) continue;
      for (int taken = 0; reader.position != tail && taken < kPollLimit; taken++) reader.take(number++);
      reader.release();
    }
    seconds = (now() - start) / 1e9;
    sum = reader.sum;
  });

  pinTo(writerCpu);
  Writer writer{ring};
  for (int number = 0; number < count; number++) {
    while (!writer.put(number)) writer.publish();
    if ((number + 1) % batch == 0) writer.publish();
  }
  writer.publish();
  reading.join();

  // Each body sums to 8 * number + 28.
  const double messages = count;
  if (sum != 4 * messages * (messages - 1) + 28 * messages) {
    std::fprintf(stderr, "expected another sum than %.0f over %d messages\n", sum, count);
    return 1;
  }
  std::printf("%.0f\n", messages / seconds);
  return 0;
}
