# Completion of `tacit` for fish. What there is to offer `tacit` itself says; this asks it, and says
# it as fish wants it. Nothing is asked of the user, unlocked or started by that.

function __tacit_complete
    set -l typed (commandline -opc)
    set -l current (commandline -ct)
    set -e typed[1]
    set -l lines (command tacit __complete $typed "$current" 2>/dev/null </dev/null)
    switch "$lines[1]"
        case commands
            set -l mark (contains -i -- -- $typed)
            set -l behind (string escape -- $typed[(math $mark + 1)..-1])
            complete -C "$(string join ' ' -- $behind $current)"
        case files
            __fish_complete_path "$current"
        case folders
            __fish_complete_directories "$current" ''
    end
    if set -q lines[2]
        printf '%s\n' $lines[2..-1]
    end
end

complete -c tacit -f -a '(__tacit_complete)'
