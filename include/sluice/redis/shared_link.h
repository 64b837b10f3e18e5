// SharedLink: one link as several lanes use it. Replies come in the order of sending, so each
// sending is noted with its sender, who says which reply was its last. It also says, for all of
// them, when Redis is away and when it is up. One per link, which it listens to; outlives its
// users. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/clock.h"
#include "sluice/base/counter.h"
#include "sluice/base/ring.h"
#include "sluice/redis/link.h"

namespace sluice {

class LinkUser {
 public:
  virtual ~LinkUser() = default;
  virtual void OnLinkReady() = 0;
  // A reply to the oldest of its sendings that is not answered; whether that is answered now.
  virtual bool OnLinkReply(const Reply& reply) = 0;
  // The connection is gone and holds no one's bytes any more. Also after a failed attempt.
  virtual void OnLinkDown(std::string_view reason) = 0;
  // Batches that were sent, or will be sent first, and that Redis has not confirmed.
  virtual size_t unconfirmed() const = 0;
};

class SharedLink final : public LinkHandler {
 public:
  // In the log: the kind of the lanes, and the node where there may be several.
  struct Names {
    std::string_view lane = "bulk";
    std::string node = "";
  };
  SharedLink(Link& link, Names names, TurnClock& clock, Counter& reconnects);
  SharedLink(const SharedLink&) = delete;
  SharedLink& operator=(const SharedLink&) = delete;

  // Called back from the link's next change on, never from here.
  void Add(LinkUser& user);
  // With all its sendings answered, or the link down. Not from one of its calls.
  void Remove(LinkUser& user);
  bool has_users() const { return !users_.empty(); }

  bool ready() const { return link_.ready(); }
  const std::string& name() const { return link_.name(); }
  // As Link's.
  void Send(LinkUser& from, std::string_view commands);
  void Drop(std::string_view reason) { link_.Drop(reason); }
  // When the last reply came, whoever's.
  uint64_t answered_ns() const { return answered_ns_; }
  // One of the users can store over it.
  void SayUp();

  void OnLinkReady() override;
  void OnLinkReply(const Reply& reply) override;
  void OnLinkDown(std::string_view reason) override;

 private:
  Link& link_;
  const Names names_;
  TurnClock& clock_;
  Counter& reconnects_;
  std::vector<LinkUser*> users_;
  Ring<LinkUser*> sendings_;  // who sent what is not answered
  uint64_t answered_ns_ = 0;
  bool connected_before_ = false;
  bool said_up_ = false;
  std::string down_reason_;  // the last that was logged
};

}  // namespace sluice
