#include "monitor/link_table.h"

#include <algorithm>
#include <utility>

namespace sriov {

LinkTable::Entries::iterator LinkTable::Lookup(uint32_t ifindex) {
  return std::lower_bound(entries_.begin(), entries_.end(), ifindex,
                          [](const std::unique_ptr<Entry>& entry, uint32_t wanted) {
                            return entry->link.ifindex < wanted;
                          });
}

const Link* LinkTable::Find(uint32_t ifindex) const {
  const auto at = const_cast<LinkTable*>(this)->Lookup(ifindex);
  return at != entries_.end() && (*at)->link.ifindex == ifindex && (*at)->present ? &(*at)->link : nullptr;
}

void LinkTable::List(Entry* entry) {
  if (entry->listed) return;
  entry->listed = true;
  changed_.push_back(entry->link.ifindex);
}

void LinkTable::Put(Link link, bool from_dump) {
  auto at = Lookup(link.ifindex);
  if (at == entries_.end() || (*at)->link.ifindex != link.ifindex) {
    at = entries_.insert(at, std::unique_ptr<Entry>(new Entry));
    (*at)->link.ifindex = link.ifindex;
  }
  Entry* entry = at->get();
  entry->dump = dump_;
  // A notification that was lost may have been the end of the link; another device under its number says so.
  const bool successor = !entry->present || entry->link.device != link.device;
  if (successor && entry->told) entry->recreated = true;
  const bool differs = !entry->present || !(entry->link == link);
  entry->present = true;
  entry->changed = entry->changed || differs;
  // The settings of a PF's VFs are behind an announcement that shows nothing. What hangs on no device has none.
  const bool announced = !from_dump && !link.device.empty();
  entry->touched = entry->touched || announced;
  // Nobody is told of one that shows nothing on a link without a device; counted, it would be part of a later change.
  if (announced || (!from_dump && differs)) ++entry->announcements;
  entry->link = std::move(link);
  if (entry->changed || entry->touched) List(entry);
}

void LinkTable::Touch(uint32_t ifindex) {
  const auto at = Lookup(ifindex);
  if (at == entries_.end() || (*at)->link.ifindex != ifindex || !(*at)->present) return;
  if ((*at)->link.device.empty()) return;
  (*at)->touched = true;
  ++(*at)->announcements;
  List(at->get());
}

void LinkTable::Drop(Entry* entry) {
  if (!entry->present) return;
  entry->present = false;
  entry->changed = true;
  entry->announcements = 0;  // what comes after the end is about another link
  List(entry);
}

void LinkTable::Remove(uint32_t ifindex) {
  const auto at = Lookup(ifindex);
  if (at == entries_.end() || (*at)->link.ifindex != ifindex) return;
  Drop(at->get());
  // Of what came and went unseen nothing is kept: numbers rise with every new link.
  if (!(*at)->told) Erase(ifindex);
}

void LinkTable::Erase(uint32_t ifindex) {
  const auto at = Lookup(ifindex);
  if ((*at)->listed) changed_.erase(std::find(changed_.begin(), changed_.end(), ifindex));
  entries_.erase(at);
}

void LinkTable::BeginDump() { ++dump_; }

void LinkTable::EndDump(bool incomplete) {
  if (incomplete) return;
  std::vector<uint32_t> missing;
  for (const auto& entry : entries_) {
    if (entry->present && entry->dump != dump_) missing.push_back(entry->link.ifindex);
  }
  for (const uint32_t ifindex : missing) Remove(ifindex);
}

std::vector<LinkChange> LinkTable::Take() {
  std::vector<LinkChange> changes;
  changes.reserve(changed_.size());
  std::vector<uint32_t> listed;
  listed.swap(changed_);
  for (const uint32_t ifindex : listed) {
    const auto at = Lookup(ifindex);
    Entry* entry = at->get();
    changes.push_back({entry->link, entry->present, entry->recreated, entry->touched,
                       entry->announcements});
    if (!entry->present) {
      entries_.erase(at);
      continue;
    }
    entry->told = true;
    entry->changed = entry->recreated = entry->touched = entry->listed = false;
    entry->announcements = 0;
  }
  return changes;
}

}  // namespace sriov
