// This program links tacit_wipe, as the daemon does.
#include "daemon/os/wipe.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <malloc.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "daemon/os/unique_fd.h"

namespace tacit {
namespace {

#ifndef TACIT_SANITIZER

// Keeps the compiler from knowing where a block came from.
void* opaque(void* block) {
  asm volatile("" : "+r"(block) : : "memory");
  return block;
}

// What lies at an address that is not ours any more, as the kernel sees it; empty if unmapped.
std::string peek(std::uintptr_t address, std::size_t size) {
  const UniqueFd memory(open("/proc/self/mem", O_RDONLY | O_CLOEXEC));
  std::string bytes(size, '\0');
  const ssize_t got = pread(memory.get(), bytes.data(), size, static_cast<off_t>(address));
  bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return bytes;
}

bool contains_row(const std::string& bytes, char c) {
  return bytes.find(std::string(4, c)) != std::string::npos;
}

TEST(Wipe, TheSelfTestPasses) {
  EXPECT_TRUE(wipe_in_force());
  EXPECT_TRUE(check_wipe().ok()) << check_wipe();
}

TEST(Wipe, FreedMemoryIsOverwritten) {
  for (const std::size_t size : {16, 40, 64, 270, 1032, 4096, 100'000, 1'000'000}) {
    void* block = opaque(malloc(size));
    memset(block, 'S', size);
    const auto address = reinterpret_cast<std::uintptr_t>(block);
    ASSERT_TRUE(contains_row(peek(address, size), 'S'));
    free(block);
    EXPECT_FALSE(contains_row(peek(address, size), 'S')) << size;
  }
}

TEST(Wipe, StringsAndVectorsAreOverwritten) {
  auto* text = new std::string(500, 'S');
  const auto address = reinterpret_cast<std::uintptr_t>(opaque(text->data()));
  text->append(5000, 'S');  // moves
  EXPECT_FALSE(contains_row(peek(address, 500), 'S'));
  const auto second = reinterpret_cast<std::uintptr_t>(opaque(text->data()));
  delete text;
  EXPECT_FALSE(contains_row(peek(second, 5500), 'S'));
}

TEST(Wipe, AlignedMemoryIsOverwritten) {
  for (const std::size_t alignment : {32, 64, 4096}) {
    void* block = opaque(aligned_alloc(alignment, 8192));
    memset(block, 'S', 8192);
    const auto address = reinterpret_cast<std::uintptr_t>(block);
    free(block);
    EXPECT_FALSE(contains_row(peek(address, 8192), 'S'));
  }
}

TEST(Realloc, KeepsTheContentAndWipesTheRest) {
  void* block = opaque(malloc(1000));
  memset(block, 'S', 1000);
  const auto first = reinterpret_cast<std::uintptr_t>(block);
  auto* grown = static_cast<char*>(opaque(realloc(block, 100'000)));
  EXPECT_EQ(std::string(grown, 1000), std::string(1000, 'S'));
  EXPECT_NE(reinterpret_cast<std::uintptr_t>(grown), first);
  EXPECT_FALSE(contains_row(peek(first, 1000), 'S'));

  const auto second = reinterpret_cast<std::uintptr_t>(grown);
  auto* shrunk = static_cast<char*>(opaque(realloc(grown, 100)));
  EXPECT_EQ(std::string(shrunk, 100), std::string(100, 'S'));
  EXPECT_FALSE(contains_row(peek(second + 100, 900), 'S'));
  free(shrunk);
}

TEST(Realloc, OfNothingAllocatesAndToNothingFrees) {
  void* block = opaque(realloc(nullptr, 64));
  ASSERT_NE(block, nullptr);
  memset(block, 'S', 64);
  const auto address = reinterpret_cast<std::uintptr_t>(block);
  volatile std::size_t none = 0;
  EXPECT_EQ(realloc(block, none), nullptr);
  EXPECT_FALSE(contains_row(peek(address, 64), 'S'));
  free(nullptr);
}

TEST(Realloc, AFailureLeavesTheBlock) {
  auto* block = static_cast<char*>(opaque(malloc(64)));
  memset(block, 'S', 64);
  volatile std::size_t huge = PTRDIFF_MAX;
  EXPECT_EQ(realloc(opaque(block), huge), nullptr);
  EXPECT_EQ(errno, ENOMEM);
  EXPECT_EQ(std::string(block, 64), std::string(64, 'S'));
  free(block);
}

TEST(Realloc, UsableBytesStayUsable) {
  // A program may use all that malloc_usable_size tells, and grow from there.
  void* block = opaque(malloc(33));
  const std::size_t usable = malloc_usable_size(block);
  memset(block, 'S', usable);
  auto* grown = static_cast<char*>(opaque(realloc(block, usable + 1)));
  EXPECT_EQ(std::string(grown, usable), std::string(usable, 'S'));
  free(grown);
}

TEST(Free, LeavesErrnoAlone) {
  void* block = opaque(malloc(100));
  errno = EDOM;
  free(block);
  EXPECT_EQ(errno, EDOM);
}

// Blocks handed between threads while every one of them grows, shrinks and frees: content stays
// whole, and the heap consistent.
TEST(Wipe, ManyThreadsAtOnce) {
  constexpr int kThreads = 4;
  constexpr int kRounds = 200'000;
  std::vector<std::thread> threads;
  std::vector<int> damaged(kThreads, 0);
  for (int id = 0; id < kThreads; ++id) {
    threads.emplace_back([id, &damaged] {
      std::minstd_rand random(static_cast<unsigned>(id) + 1);
      struct Block {
        unsigned char* data = nullptr;
        std::size_t size = 0;
        unsigned char mark = 0;
      };
      std::vector<Block> blocks(64);
      for (int round = 0; round < kRounds; ++round) {
        Block& block = blocks[random() % blocks.size()];
        for (std::size_t i = 0; i < block.size; i += 97) {
          if (block.data[i] != block.mark) ++damaged[static_cast<std::size_t>(id)];
        }
        const std::size_t size = random() % (round % 100 == 0 ? 300'000 : 3000) + 1;
        if (random() % 3 == 0) {
          free(block.data);
          block = {};
        } else {
          block.data = static_cast<unsigned char*>(realloc(block.data, size));
          const std::size_t kept = std::min(size, block.size);
          for (std::size_t i = 0; i < kept; i += 97) {
            if (block.data[i] != block.mark) ++damaged[static_cast<std::size_t>(id)];
          }
          block.size = size;
          block.mark = static_cast<unsigned char>(random());
          memset(block.data, block.mark, size);
        }
      }
      for (Block& block : blocks) free(block.data);
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(damaged, std::vector<int>(kThreads, 0));
}

#else

TEST(Wipe, SanitizersHaveAnAllocatorOfTheirOwn) {
  EXPECT_FALSE(wipe_in_force());
  EXPECT_TRUE(check_wipe().ok());
}

#endif

}  // namespace
}  // namespace tacit
