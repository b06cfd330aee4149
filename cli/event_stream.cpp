#include "cli/event_stream.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <system_error>
#include <utility>

namespace tacit::cli {
namespace {

int make_event() {
  const int fd = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  return fd;
}

void set(int fd) { (void)::eventfd_write(fd, 1); }

void clear(int fd) {
  eventfd_t count = 0;
  (void)::eventfd_read(fd, &count);
}

bool withdraws(const PromptEvent& event, std::uint64_t question_id) {
  const auto* withdrawn = std::get_if<QuestionWithdrawn>(&event);
  return withdrawn != nullptr && withdrawn->id == question_id;
}

}  // namespace

EventStream::EventStream(ClientOptions options, std::optional<Credential> credential,
                         std::string means)
    : arrived_(make_event()), void_(make_event()) {
  // Signals are the other thread's: one that restores a terminal, or ends windows.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this, options = std::move(options), credential = std::move(credential),
                         means = std::move(means)]() mutable {
    run(std::move(options), std::move(credential), means);
  });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

EventStream::~EventStream() {
  stopper_.stop();
  thread_.join();
  ::close(arrived_);
  ::close(void_);
}

void EventStream::run(ClientOptions options, std::optional<Credential> credential,
                      const std::string& means) {
  Client client(std::move(options));
  auto end = client.prompt(
      credential ? &*credential : nullptr, means,
      [&](PromptEvent event) {
        credential.reset();  // it was used; from here on nobody needs it
        accept(std::move(event));
        return true;
      },
      &stopper_);
  const std::lock_guard lock(mutex_);
  end_ = std::move(end);
  set(arrived_);
  set(void_);
}

void EventStream::accept(PromptEvent event) {
  const std::lock_guard lock(mutex_);
  if (standing_ && withdraws(event, *standing_)) set(void_);
  events_.push_back(std::move(event));
  set(arrived_);
}

std::optional<PromptEvent> EventStream::take() {
  const std::lock_guard lock(mutex_);
  if (events_.empty()) {
    if (!end_) clear(arrived_);
    return {};
  }
  PromptEvent event = std::move(events_.front());
  events_.pop_front();
  return event;
}

std::optional<Result<void>> EventStream::end() {
  const std::lock_guard lock(mutex_);
  if (!events_.empty()) return {};
  return end_;
}

void EventStream::stand_by(std::uint64_t question_id) {
  const std::lock_guard lock(mutex_);
  standing_ = question_id;
  if (!end_) clear(void_);
  // It may have been withdrawn before anybody looked at it.
  if (std::ranges::any_of(events_,
                          [&](const auto& event) { return withdraws(event, question_id); }))
    set(void_);
}

}  // namespace tacit::cli
