# Homebrew on Linux, from a checkout, by a tap of one's own:
#   brew tap-new --no-git me/tacit
#   cp packaging/homebrew/tacit.rb "$(brew --repository me/tacit)/Formula/"
#   HOMEBREW_TACIT_SOURCE=$PWD brew install --HEAD me/tacit/tacit
class Tacit < Formula
  desc "Secrets that every process of a user may know without any file saying them"
  homepage "file://#{ENV.fetch("HOMEBREW_TACIT_SOURCE", "")}/README.md"
  license "MIT"
  head "file://#{ENV.fetch("HOMEBREW_TACIT_SOURCE", "")}", using: :git

  depends_on "cli11" => :build
  depends_on "cmake" => :build
  depends_on "ninja" => :build
  depends_on "pkgconf" => :build
  depends_on "protozero" => :build
  depends_on "tomlplusplus" => :build
  depends_on "abseil"
  depends_on "boost"
  depends_on "curl"
  depends_on "grpc"
  depends_on "jansson"
  depends_on "libnghttp2"
  # What the daemon asks of the system (daemon/os) is written for Linux; on macOS it does not build yet.
  depends_on :linux
  depends_on "libseccomp"
  depends_on "libsodium"
  depends_on "protobuf"
  depends_on "spdlog"
  depends_on "sqlite"
  depends_on "systemd"

  def install
    system "cmake", "-S", ".", "-B", "build", "-G", "Ninja",
           "-DTACIT_HARDEN=ON", "-DBUILD_TESTING=OFF",
           "-DTACIT_SYSTEMD_USER_DIR=lib/systemd/user", *std_cmake_args
    system "cmake", "--build", "build"
    system "cmake", "--install", "build"
  end

  def caveats
    <<~TEXT
      The user's manager listens for the daemon after
        systemctl --user enable --now #{opt_lib}/systemd/user/tacitd.socket
    TEXT
  end

  test do
    ENV["TACIT_AUTOSTART"] = "0"
    ENV["TACIT_SOCKET"] = testpath/"tacit.sock"
    assert_match "tacit:", shell_output("#{bin}/tacit get name 2>&1", 5)
  end
end
