#include "daemon/access/chain.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

namespace tacit {
namespace {

constexpr std::size_t kMostLinks = 128;
constexpr std::size_t kMostRemembered = 512;  // a generation; there are two
constexpr int kTries = 4;
constexpr std::chrono::milliseconds kExecTakes{5};
constexpr pid_t kInit = 1;

std::string pid_text(pid_t pid) { return "process " + std::to_string(pid); }

// The first of a terminal-less session that init started may be a user's service manager, which
// all of its services have for a parent, and orphans after it adopted them.
bool manages_services(const ProcessFacts& process) {
  const ProcessStat& stat = process.stat();
  return stat.parent == kInit && stat.session == process.pid() && stat.terminal == 0 &&
         is_service_manager(process.cgroup());
}

// Empty if it has none, or none that can be seen.
std::optional<ProcessFacts> parent_of(ProcessFacts& child) {
  for (int i = 0; i < kTries; ++i) {
    const pid_t pid = child.stat().parent;
    std::optional<ProcessFacts> parent = ProcessFacts::open(pid);
    // Whoever started before the child had the number while the child's parent had it: it is the
    // parent. Else the parent may have ended between two looks, and its number be another's.
    if (parent && parent->stat().start_time < child.stat().start_time) return parent;
    if (!child.refresh() || child.stat().parent == 0) return std::nullopt;
    if (parent && child.stat().parent == pid) return parent;
  }
  return std::nullopt;
}

}  // namespace

std::shared_ptr<const Asker> ChainReader::unknown(const ProcessName& process, std::string why) {
  auto asker = std::make_shared<Asker>();
  Program program;
  program.pid = process.pid;
  program.start_time = process.start_time;
  asker->chain.push_back(std::move(program));
  asker->session.leader = process.pid;
  asker->session.leader_start = process.start_time;
  asker->unknown_because = std::move(why);
  return asker;
}

std::optional<ChainReader::Remembered> ChainReader::recall(const ProcessFacts& process) {
  const std::lock_guard lock(mutex_);
  for (auto& generation : remembered_) {
    const auto found = generation.find(process.pid());
    if (found == generation.end()) continue;
    if (!found->second.stat.same_image(process.stat())) return std::nullopt;
    Remembered facts = found->second;
    if (&generation == &remembered_[1]) remembered_[0][process.pid()] = facts;
    return facts;
  }
  return std::nullopt;
}

void ChainReader::remember(const Remembered& facts) {
  // Without the image's addresses nothing would tell when the process runs another program.
  if (!facts.stat.image_known()) return;
  const std::lock_guard lock(mutex_);
  if (remembered_[0].size() >= kMostRemembered) {
    remembered_[1] = std::exchange(remembered_[0], {});
  }
  remembered_[0][facts.program.pid] = facts;
}

std::optional<ChainReader::Remembered> ChainReader::read(ProcessFacts& process) {
  for (int i = 0; i < kTries; ++i) {
    Remembered facts;
    facts.program.pid = process.pid();
    facts.program.start_time = process.stat().start_time;
    facts.program.executable = process.executable();
    const std::optional<FileId> file = process.running_file();
    if (facts.program.executable.empty() || !file) return std::nullopt;
    facts.program.file = *file;
    if (auto image = process.read_image(markers_.variables, facts.program.executable)) {
      if (!image->environment_read) return std::nullopt;
      facts.stat = process.stat();
      facts.program.agent_marker = std::move(image->marker);
      facts.program.script = std::move(image->script);
      facts.program.script_file = image->script_file;
      facts.program.unnamed_script = image->unnamed_script;
      if (facts.program.agent_marker.empty()) {
        facts.program.agent_marker =
            markers_.program(facts.stat.name, facts.program.executable, facts.program.script);
      }
      facts.program.interactive_shell = image->interactive_shell;
      facts.preload = std::move(image->preload);
      return facts;
    }
    // It starts another program; that takes a moment.
    std::this_thread::sleep_for(kExecTakes);
    if (!process.refresh()) return std::nullopt;
  }
  return std::nullopt;
}

ChainReader::Link ChainReader::look_at(ProcessFacts process, bool anew) {
  std::optional<Remembered> facts = recall(process);
  const bool recalled = facts.has_value();
  if (!recalled) facts = read(process);
  if (!facts) {
    Program program;
    program.pid = process.pid();
    program.start_time = process.stat().start_time;
    return {std::move(process), std::move(program), {}, false};
  }
  // The file at the path may have become another's at any time.
  if (anew || !recalled) {
    facts->program.file_known = file_at(facts->program.executable) == facts->program.file;
    remember(*facts);
  }
  return {std::move(process), std::move(facts->program), std::move(facts->preload), true};
}

ChainReader::Climb ChainReader::climb(ProcessFacts process) {
  Climb climb;
  bool ours = true;  // so far
  std::optional<ProcessFacts> next = std::move(process);
  while (next) {
    if (climb.links.size() == kMostLinks) {
      climb.cut_off = true;
      break;
    }
    climb.links.push_back(look_at(*std::move(next), ours));
    Link& link = climb.links.back();
    ours = ours && own_.contains(link.program);
    const pid_t session = link.process.stat().session;
    const bool has_parent = link.process.stat().parent != 0;
    next = parent_of(link.process);
    climb.cut_off = has_parent && !next && link.process.stat().parent != 0;
    // Init is a parent like others only where it is the shell that was started in a container.
    climb.adopted = next && (next->pid() == kInit ? session != kInit : manages_services(*next));
    if (climb.adopted) break;
  }
  return climb;
}

std::string ChainReader::why_unknown(const Climb& climb, std::size_t program, std::size_t leader,
                                     bool service) const {
  const auto& links = climb.links;
  const std::size_t end = std::min(leader + 1, links.size());
  for (std::size_t i = 0; i <= program; ++i) {
    if (!links[i].readable) return pid_text(links[i].program.pid) + " may not be looked into";
    if (!links[i].preload.empty()) {
      return links[i].preload + " is set for it, so that it may run other code than its own";
    }
  }
  if (!links[program].program.file_known) {
    return "its executable was replaced or deleted since it was started, or is not in the "
           "daemon's view of the file system";
  }
  if (climb.cut_off && leader >= links.size()) return "its parents could not all be found";
  if (service) return {};
  if (leader >= links.size()) {
    return "who started it has ended: the first process of its session is not among its parents";
  }
  for (std::size_t i = program + 1; i < end; ++i) {
    if (!links[i].readable) {
      return pid_text(links[i].program.pid) + " among its parents may not be looked into";
    }
  }
  const bool orphan = climb.adopted && leader + 1 == links.size();
  if (orphan && links[leader].process.stat().terminal == 0) {
    return "who started it has ended, and it has neither a terminal nor a service's unit";
  }
  return {};
}

std::shared_ptr<const Asker> ChainReader::read(const ProcessName& process) {
  if (process.pid <= 0) return unknown(process, "it runs in another PID namespace");
  std::optional<ProcessFacts> facts = ProcessFacts::open(process.pid);
  if (!facts || process.start_time == 0 || facts->stat().start_time != process.start_time) {
    return unknown(process, "the process that connected has ended");
  }
  const Climb climb = this->climb(*std::move(facts));
  auto asker = std::make_shared<Asker>();
  for (const Link& link : climb.links) asker->chain.push_back(link.program);
  const auto foreign = std::ranges::find_if_not(
      asker->chain, [this](const Program& program) { return own_.contains(program); });
  asker->program =
      std::min(static_cast<std::size_t>(foreign - asker->chain.begin()), asker->chain.size() - 1);

  const Link& connected = climb.links.front();
  asker->through_ours =
      connected.readable && connected.preload.empty() && own_.contains(connected.program);
  const Link& asking = climb.links[asker->program];
  const ProcessStat& stat = asking.process.stat();
  asker->terminal = terminal_name(stat.terminal);
  asker->folder = asking.process.folder();
  const std::string cgroup = asking.process.cgroup();
  asker->unit = unit_of(cgroup);
  asker->cgroup = cgroup_id(cgroup);
  if (climb.adopted) {
    const ProcessFacts& topmost = climb.links.back().process;
    asker->adopted = {topmost.stat().start_time, cgroup_id(topmost.cgroup())};
  }
  const auto marked = std::ranges::find_if(
      asker->chain, [](const Program& program) { return !program.agent_marker.empty(); });
  if (marked != asker->chain.end()) asker->agent_marker = marked->agent_marker;

  std::size_t leader = asker->program;
  while (leader < climb.links.size() && climb.links[leader].program.pid != stat.session) ++leader;
  if (stat.terminal != 0 && leader < climb.links.size()) {
    asker->session = {AskerSession::Kind::kTerminal,
                      stat.session,
                      climb.links[leader].program.start_time,
                      stat.terminal,
                      {}};
  } else if (!asker->unit.empty()) {
    asker->session = {AskerSession::Kind::kUnit, 0, 0, 0, asker->unit};
  } else {
    asker->session = {
        AskerSession::Kind::kProcess, asking.program.pid, asking.program.start_time, 0, {}};
  }
  asker->unknown_because =
      why_unknown(climb, asker->program, leader, asker->unit.ends_with(".service"));
  return asker;
}

}  // namespace tacit
