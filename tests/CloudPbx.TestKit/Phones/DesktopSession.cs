using CloudPbx.TestKit.Namespaces;
using CloudPbx.TestKit.Processes;

namespace CloudPbx.TestKit.Phones;

/// <summary>
/// As much of a desktop as an application without a user needs: an X server, a session bus, a keyring and a sound server, each private to
/// one phone and its folder. What the application plays goes to the sink "speaker"; what is played into the sink "voice" is its microphone.
/// </summary>
internal sealed class DesktopSession
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);
    private static readonly string[] s_kept = ["PATH", "TMPDIR", "PBX_TEST_RUN", "PBX_TEST_SUITE"];
    private readonly PhoneWorkspace _work;

    private DesktopSession(PhoneWorkspace work, Dictionary<string, string?> environment) => (_work, Environment) = (work, environment);

    /// <summary>The environment for programs of this session.</summary>
    internal Dictionary<string, string?> Environment { get; }

    internal static async Task<DesktopSession> StartAsync(PhoneWorkspace work, NetworkNamespace? network, CancellationToken cancel)
    {
        Tools.Require("Xvfb", "dbus-daemon", "gnome-keyring-daemon", "secret-tool", "pulseaudio", "pactl", "paplay", "parec", "gdbus");
        foreach (string folder in (string[])["home/.config/calls", "home/.config/glib-2.0/settings", "home/.cache", "home/.local/share", "run/pulse"])
            Directory.CreateDirectory(work.PathOf(folder));      // below a folder that only we may enter
        DesktopSession session = new(work, Variables(work));
        await session.StartDisplayAsync(cancel);
        await session.StartBusAsync(network, cancel);
        await session.StartKeyringAsync(cancel);
        await session.StartSoundAsync(cancel);
        return session;
    }

    /// <summary>Puts a password into the keyring.</summary>
    internal async Task StorePasswordAsync(string label, string password, string[] attributes, CancellationToken cancel) =>
        await RunAsync(["secret-tool", "store", $"--label={label}", .. attributes], password, cancel);

    /// <summary>Runs a program of the session and insists on its success.</summary>
    internal async Task<string> RunAsync(string[] command, string input, CancellationToken cancel)
    {
        Dictionary<string, string?> quiet = new(Environment) { ["G_MESSAGES_DEBUG"] = null };
        (int code, string output) = await ChildProcess.RunAsync(command, _work.Directory, quiet, input, deadline: s_patience, cancel: cancel);
        return code == 0 ? output : throw new PhoneException($"{string.Join(' ', command)}: {output}");
    }

    /// <summary>Starts to record what the application plays, and to play a file as its microphone.</summary>
    internal void StartAudio(string voice, string recording)
    {
        _work.Start(["parec", "--device=speaker.monitor", "--file-format=wav", "--rate=16000", "--channels=1", "--latency-msec=50", recording], Environment);
        _work.Start(["paplay", "--device=voice", "--latency-msec=50", voice], Environment);
    }

    private static Dictionary<string, string?> Variables(PhoneWorkspace work)
    {
        // Nothing of the surrounding user's session may shine through.
        Dictionary<string, string?> variables = [];
        foreach (string name in System.Environment.GetEnvironmentVariables().Keys.Cast<string>())
        {
            if (!s_kept.Contains(name)) variables[name] = null;
        }
        (string Name, string Value)[] own =
        [
            ("HOME", work.PathOf("home")), ("XDG_CONFIG_HOME", work.PathOf("home/.config")), ("XDG_CACHE_HOME", work.PathOf("home/.cache")),
            ("XDG_DATA_HOME", work.PathOf("home/.local/share")), ("XDG_RUNTIME_DIR", work.PathOf("run")), ("PULSE_RUNTIME_PATH", work.PathOf("run/pulse")),
            ("PULSE_SERVER", $"unix:{work.PathOf("run/pulse/native")}"), ("DBUS_SESSION_BUS_ADDRESS", $"unix:path={work.PathOf("run/bus")}"),
            ("GDK_BACKEND", "x11"), ("NO_AT_BRIDGE", "1"), ("GSETTINGS_BACKEND", "keyfile"), ("GTK_THEME", "Adwaita"), ("GTK_USE_PORTAL", "0"),
            ("LIBGL_ALWAYS_SOFTWARE", "1"), ("GST_REGISTRY", work.PathOf("home/.cache/gstreamer.bin")), ("GVFS_DISABLE_FUSE", "1"),
            ("G_MESSAGES_DEBUG", "all"), ("LANG", "C.UTF-8"),
        ];
        foreach ((string name, string value) in own) variables[name] = value;
        return variables;
    }

    private async Task StartDisplayAsync(CancellationToken cancel)
    {
        // The server chooses a free display and prints its number.
        ChildProcess server = _work.Start(["Xvfb", "-displayfd", "1", "-screen", "0", "900x700x24", "-nolisten", "tcp", "-noreset"], Environment);
        (string Entry, int Index)? number = await server.Output.WaitAsync(line => line.Length > 0 && line.All(char.IsAsciiDigit), 0, s_patience, cancel);
        Environment["DISPLAY"] = number is { } found ? $":{found.Entry}" : throw new PhoneException($"no X server.{System.Environment.NewLine}{server.Tail()}");
    }

    private async Task StartBusAsync(NetworkNamespace? network, CancellationToken cancel)
    {
        // What the bus activates lives in the phone's network too.
        _work.Start(["dbus-daemon", "--session", "--nofork", "--nopidfile", $"--address={Environment["DBUS_SESSION_BUS_ADDRESS"]}"], Environment, network: network);
        await ExistsAsync(_work.PathOf("run/bus"), cancel);
    }

    private async Task StartKeyringAsync(CancellationToken cancel)
    {
        _work.Start(["gnome-keyring-daemon", "--foreground", "--components=secrets", "--unlock", $"--control-directory={_work.PathOf("run/keyring")}"], Environment, input: "test");
        await RunAsync(["gdbus", "wait", "--session", "--timeout", "15", "org.freedesktop.secrets"], "", cancel);
    }

    private async Task StartSoundAsync(CancellationToken cancel)
    {
        string socket = _work.PathOf("run/pulse/native");
        _work.Start(
            [
                "pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--disable-shm=yes", "--realtime=no", "--high-priority=no",
                "-L", $"module-native-protocol-unix auth-anonymous=1 socket={socket}", "-L", "module-null-sink sink_name=speaker", "-L", "module-null-sink sink_name=voice",
                "-L", "module-remap-source master=voice.monitor source_name=microphone", "-L", "module-always-sink",
            ],
            Environment);
        await ExistsAsync(socket, cancel);
        await RunAsync(["pactl", "set-default-sink", "speaker"], "", cancel);
        await RunAsync(["pactl", "set-default-source", "microphone"], "", cancel);
    }

    private static async Task ExistsAsync(string path, CancellationToken cancel)
    {
        using PeriodicTimer again = new(TimeSpan.FromMilliseconds(20));
        for (long end = System.Environment.TickCount64 + (long)s_patience.TotalMilliseconds; !File.Exists(path);)
        {
            if (System.Environment.TickCount64 > end) throw new PhoneException($"{path} did not appear");
            await again.WaitForNextTickAsync(cancel);
        }
    }
}
