#include "daemon/crypto/keys.h"

#include <sodium.h>

#include <algorithm>
#include <atomic>
#include <new>
#include <utility>

namespace tacit {
namespace {

// The limit is the process's (RLIMIT_MEMLOCK), so the count is too.
std::atomic<int> keys_alive{0};

constexpr char kSubkeyContext[crypto_kdf_CONTEXTBYTES + 1] = "tacit-v1";

unsigned char* allocate() {
  if (keys_alive.fetch_add(1, std::memory_order_relaxed) >= KeyBytes::kMaxAlive) {
    keys_alive.fetch_sub(1, std::memory_order_relaxed);
    throw std::bad_alloc();
  }
  // sodium_malloc needs an initialised library; asking again costs one lock.
  void* data = init_crypto() ? sodium_malloc(KeyBytes::kSize) : nullptr;
  if (data == nullptr) {
    keys_alive.fetch_sub(1, std::memory_order_relaxed);
    throw std::bad_alloc();
  }
  return static_cast<unsigned char*>(data);
}

}  // namespace

bool init_crypto() noexcept { return sodium_init() >= 0; }

void random_bytes(std::span<unsigned char> out) noexcept {
  if (!out.empty()) randombytes_buf(out.data(), out.size());
}

KeyBytes KeyBytes::zero() {
  KeyBytes key;
  key.data_ = allocate();
  sodium_memzero(key.data_, kSize);
  return key;
}

KeyBytes KeyBytes::random() {
  KeyBytes key;
  key.data_ = allocate();
  randombytes_buf(key.data_, kSize);
  return key;
}

KeyBytes KeyBytes::copy_of(std::span<const unsigned char, kSize> source) {
  KeyBytes key;
  key.data_ = allocate();
  std::copy(source.begin(), source.end(), key.data_);
  return key;
}

KeyBytes KeyBytes::subkey(std::uint64_t id) const {
  static_assert(crypto_kdf_KEYBYTES == kSize);
  KeyBytes key;
  key.data_ = allocate();
  crypto_kdf_derive_from_key(key.data_, kSize, id, kSubkeyContext, data_);
  return key;
}

KeyBytes::KeyBytes(KeyBytes&& other) noexcept : data_(std::exchange(other.data_, nullptr)) {}

KeyBytes& KeyBytes::operator=(KeyBytes&& other) noexcept {
  if (this != &other) {
    release();
    data_ = std::exchange(other.data_, nullptr);
  }
  return *this;
}

KeyBytes::~KeyBytes() { release(); }

void KeyBytes::release() noexcept {
  if (data_ == nullptr) return;
  sodium_free(data_);  // wipes first
  data_ = nullptr;
  keys_alive.fetch_sub(1, std::memory_order_relaxed);
}

int KeyBytes::alive() noexcept { return keys_alive.load(std::memory_order_relaxed); }

}  // namespace tacit
