// What the completion queue gives back: an object and a member function to call.
#pragma once

namespace tacit {

class Tag {
 public:
  /// `ok` as grpc::CompletionQueue::Next tells it. Vault thread. May destroy the tag's owner.
  virtual void fire(bool ok) = 0;

 protected:
  ~Tag() = default;
};

template <class Owner, void (Owner::*kMember)(bool)>
class MemberTag final : public Tag {
 public:
  explicit MemberTag(Owner* owner) : owner_(owner) {}
  void fire(bool ok) override { (owner_->*kMember)(ok); }

 private:
  Owner* owner_;
};

}  // namespace tacit
