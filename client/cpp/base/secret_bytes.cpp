#include "tacit/secret_bytes.h"

#include <string.h>  // explicit_bzero

#include <algorithm>
#include <utility>

#include "client/cpp/base/registers.h"

namespace tacit {

void wipe(void* data, std::size_t size) noexcept {
  if (size == 0) return;
  explicit_bzero(data, size);
  forget_vector_registers();
}

SecretBytes::SecretBytes(std::size_t size)
    : data_(size == 0 ? nullptr : std::make_unique<unsigned char[]>(size)),
      size_(size),
      capacity_(size) {}

SecretBytes SecretBytes::copy_of(std::span<const unsigned char> source) {
  SecretBytes out(source.size());
  std::copy(source.begin(), source.end(), out.data_.get());
  forget_vector_registers();
  return out;
}

SecretBytes SecretBytes::copy_of(std::string_view source) {
  return copy_of({reinterpret_cast<const unsigned char*>(source.data()), source.size()});
}

SecretBytes SecretBytes::absorb(std::span<unsigned char> source) {
  SecretBytes out = copy_of(std::span<const unsigned char>(source));
  wipe(source.data(), source.size());
  return out;
}

SecretBytes::SecretBytes(SecretBytes&& other) noexcept
    : data_(std::move(other.data_)),
      size_(std::exchange(other.size_, 0)),
      capacity_(std::exchange(other.capacity_, 0)) {}

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept {
  if (this != &other) {
    clear();
    data_ = std::move(other.data_);
    size_ = std::exchange(other.size_, 0);
    capacity_ = std::exchange(other.capacity_, 0);
  }
  return *this;
}

SecretBytes::~SecretBytes() { clear(); }

void SecretBytes::truncate(std::size_t size) noexcept {
  if (size >= size_) return;
  wipe(data_.get() + size, size_ - size);
  size_ = size;
}

void SecretBytes::clear() noexcept {
  wipe(data_.get(), capacity_);
  data_.reset();
  size_ = capacity_ = 0;
}

}  // namespace tacit
