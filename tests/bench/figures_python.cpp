// Whole Python programs: what a script pays for `tacit.get`.
#include <unistd.h>

#include "tests/bench/figures.h"

namespace tacit::bench {
namespace {

constexpr const char* kPython = "/usr/bin/python3";

Strings python(const std::string& program) { return {kPython, "-c", program}; }

}  // namespace

void figure_python_process(House& house, Effort effort, const Report& report) {
  if (access(kPython, X_OK) != 0 || house.programs().library.empty()) return;
  const int runs = effort == Effort::kQuick ? 50 : 200;
  auto environment = house.folders().environment();
  environment.push_back("PYTHONPATH=" + house.programs().python_package);
  environment.push_back("PYTHONPYCACHEPREFIX=" + house.folders().root() + "/pycache");
  environment.push_back("TACIT_LIBRARY=" + house.programs().library);
  environment.push_back("PYTHON_KEYRING_BACKEND=tacit.keyring_backend.Keyring");

  const auto get = python("import tacit; tacit.get('" + House::name_of(0) + "').text()");
  const auto check =
      python("import tacit; print(tacit.get('" + House::name_of(0) + "').text(), end='')");
  if (output_of(check, environment) != "0123456789abcdef0123456789abcdef") {
    throw std::runtime_error("tacit.get gave another value than was stored");
  }
  Figure figure = against(get, python("pass"), environment, runs);
  figure.name = "Python: import tacit + first get, whole process";
  figure.floor_name = "python3 -c pass";
  figure.target = 2;
  report.add(figure);

  if (!output_of(python("import importlib.util as u; print(u.find_spec('keyring') or '', end='')"),
                 environment)
           .empty()) {
    must(connect_to(house.socket()).set("keyring", "bench (u)", SecretBytes::copy_of("x")));
    Figure peer = against(get, {kPython, "-m", "keyring", "get", "bench", "u"}, environment,
                          effort == Effort::kQuick ? 10 : 50);
    peer.name = figure.name;
    peer.floor_name = "keyring get, with Tacit's backend";
    report.add(peer);
  }
}

}  // namespace tacit::bench
