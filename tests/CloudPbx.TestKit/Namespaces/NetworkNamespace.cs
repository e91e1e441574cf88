using System.Runtime.InteropServices;
using CloudPbx.TestKit.Processes;
using Xunit;

namespace CloudPbx.TestKit.Namespaces;

/// <summary>A network of its own inside this machine (Linux network namespace): programs and sockets can be put into it. Needs root.</summary>
public sealed partial class NetworkNamespace : IAsyncDisposable
{
    private static int s_count;
    private static readonly string s_prefix = Environment.GetEnvironmentVariable("PBX_TEST_NAMESPACE_PREFIX") ?? $"pbx{Environment.ProcessId}-";

    private NetworkNamespace(string name) => Name = name;

    /// <summary>Its name for <c>ip netns</c>.</summary>
    public string Name { get; }

    /// <summary>What to put before a command so that it runs inside.</summary>
    public IReadOnlyList<string> CommandPrefix => ["ip", "netns", "exec", Name];

    /// <summary>Skips the test when this machine or user cannot make namespaces.</summary>
    public static void Require()
    {
        Assert.SkipUnless(Environment.UserName == "root" || GetEffectiveUser() == 0, "network namespaces need root");
        Assert.SkipUnless(Tools.Find("ip") is not null, "the package iproute2 is not installed");
    }

    /// <summary>Makes a namespace that has only loopback.</summary>
    /// <param name="nameserver">The address that programs inside ask for names; null: the machine's.</param>
    /// <param name="cancel">Ends the wait.</param>
    public static async Task<NetworkNamespace> CreateAsync(string? nameserver, CancellationToken cancel)
    {
        Require();
        NetworkNamespace made = new($"{s_prefix}{Interlocked.Increment(ref s_count)}");
        await IpAsync(cancel, "netns", "add", made.Name);
        await made.RunAsync(cancel, "ip", "link", "set", "lo", "up");
        if (nameserver is not null)
        {
            Directory.CreateDirectory(made.ConfigurationDirectory);      // ip netns exec lays it over /etc
            await File.WriteAllTextAsync(Path.Combine(made.ConfigurationDirectory, "resolv.conf"), $"nameserver {nameserver}\n", cancel);
        }
        return made;
    }

    /// <summary>Runs a command inside and insists on its success.</summary>
    public async Task<string> RunAsync(CancellationToken cancel, params string[] command)
    {
        (int code, string output) = await ChildProcess.RunAsync(command, "/", network: this, cancel: cancel);
        return code == 0 ? output : throw new InvalidOperationException($"{string.Join(' ', command)} in {Name}: {output}");
    }

    /// <summary>Runs <c>ip</c> in the machine's own network and insists on its success.</summary>
    public static async Task IpAsync(CancellationToken cancel, params string[] arguments)
    {
        (int code, string output) = await ChildProcess.RunAsync(["ip", .. arguments], "/", cancel: cancel);
        if (code != 0) throw new InvalidOperationException($"ip {string.Join(' ', arguments)}: {output}");
    }

    /// <summary>Calls a function on a thread that is inside this namespace: a socket made there stays there, whoever uses it later.</summary>
    public T Enter<T>(Func<T> create)
    {
        T? result = default;
        Exception? fault = null;
        Thread thread = new(() =>
        {
            try
            {
                int file = Open($"/run/netns/{Name}", 0);
                if (file < 0 || SetNamespace(file, CloneNewNet) != 0)
                    throw new InvalidOperationException($"cannot enter {Name}: errno {Marshal.GetLastPInvokeError()}");
                _ = Close(file);
                result = create();
            }
            catch (Exception e)
            {
                fault = e;      // rethrown on the caller's thread
            }
        });
        thread.Start();         // a thread of its own that ends here: it must not go back to a pool
        thread.Join();
        return fault is null ? result! : throw new InvalidOperationException($"inside {Name}: {fault.Message}", fault);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await ChildProcess.RunAsync(["ip", "netns", "del", Name], "/");
        if (Directory.Exists(ConfigurationDirectory)) Directory.Delete(ConfigurationDirectory, recursive: true);
    }

    private string ConfigurationDirectory => Path.Combine("/etc/netns", Name);

    private const int CloneNewNet = 0x40000000;

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUser();

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNamespace(int file, int kind);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int file);
}
