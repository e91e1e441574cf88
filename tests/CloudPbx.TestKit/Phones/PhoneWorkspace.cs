using CloudPbx.TestKit.Processes;

namespace CloudPbx.TestKit.Phones;

/// <summary>A phone's own home folder and processes: nothing of it outlives the test.</summary>
internal sealed class PhoneWorkspace : IAsyncDisposable
{
    private readonly List<ChildProcess> _children = [];

    internal PhoneWorkspace(string name)
    {
        Directory = System.IO.Directory.CreateTempSubdirectory($"pbx-{name}-").FullName;
        Marker = Path.GetFileName(Directory);
    }

    /// <summary>The folder; also the phone's HOME.</summary>
    internal string Directory { get; }

    /// <summary>The value of <see cref="StrayProcesses.Variable"/> in the environment of all its processes.</summary>
    internal string Marker { get; }

    internal string PathOf(params string[] parts) => Path.Combine([Directory, .. parts]);

    internal async Task<string> WriteAsync(string name, string text, CancellationToken cancel)
    {
        string path = PathOf(name);
        System.IO.Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync(path, text, cancel);
        return path;
    }

    internal ChildProcess Start(
        IReadOnlyList<string> arguments,
        IReadOnlyDictionary<string, string?>? environment = null,
        string? input = "",
        Namespaces.NetworkNamespace? network = null)
    {
        Dictionary<string, string?> all = new(environment ?? new Dictionary<string, string?>()) { [StrayProcesses.Variable] = Marker };
        all.TryAdd("HOME", Directory);
        ChildProcess child = ChildProcess.Start(arguments, Directory, all, input, network);
        _children.Add(child);
        return child;
    }

    /// <summary>The ends of all outputs.</summary>
    internal string Logs(int lines = 60) => string.Join(Environment.NewLine, _children.Select(child => child.Tail(lines)));

    public async ValueTask DisposeAsync()
    {
        foreach (ChildProcess child in Enumerable.Reverse(_children)) await child.DisposeAsync();      // what was started last depends on the rest
        StrayProcesses.Kill(Marker);
        System.IO.Directory.Delete(Directory, recursive: true);
    }
}
