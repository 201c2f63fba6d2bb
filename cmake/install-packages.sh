# Sourced by the commands (examples/run, tests/run, benchmarks/run): installs Debian packages that are missing.

# What every command needs. `a|b`: a, unless a package that the pattern b names is there (Debian's numbered versions of
# Boost exclude each other).
build_packages=(
    g++ cmake ninja-build python3
    'libboost-dev|libboost1.[0-9][0-9]-dev' libxtensor-dev libxtensor-blas-dev libopenblas-dev
    catch2 libbenchmark-dev nlohmann-json3-dev zlib1g-dev
)

# install_packages NAME...: needs root or sudo only if a package is missing.
install_packages() {
    local name names missing=() as_root=()
    command -v dpkg-query >/dev/null || return 0 # another system: CMake says what it does not find
    for name in "$@"; do
        IFS='|' read -ra names <<<"$name"
        { dpkg-query --show --showformat='${db:Status-Status}\n' "${names[@]}" 2>/dev/null || true; } |
            grep -x installed >/dev/null || missing+=("${names[0]}")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    if [ "$(id -u)" != 0 ]; then
        if ! command -v sudo >/dev/null; then
            echo "these packages are missing, and installing them needs root or sudo: ${missing[*]}" >&2
            return 1
        fi
        as_root=(sudo)
    fi
    echo "installing ${missing[*]}"
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}
