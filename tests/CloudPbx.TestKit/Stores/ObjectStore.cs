using System.Globalization;
using System.Security.Cryptography;
using CloudPbx.TestKit.Namespaces;
using CloudPbx.TestKit.Phones;
using CloudPbx.TestKit.Processes;
using Xunit;

namespace CloudPbx.TestKit.Stores;

/// <summary>An object store that speaks S3 and that we did not write: OpenStack Swift (Debian's python3-swift, tried with 2.30) of a test's own, with one bucket. It checks signatures.</summary>
public sealed class ObjectStore : IAsyncDisposable
{
    /// <summary>The bucket.</summary>
    public const string Bucket = "recordings";

    /// <summary>Who has it.</summary>
    public const string AccessKey = "pbx:tests";

    private const string Python = "/usr/bin/python3", Module = "/usr/lib/python3/dist-packages/swift", Script = "Stores/s3.py";
    private const int SigKill = 9, SigContinue = 18, SigStop = 19;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly PhoneWorkspace _work = new("s3");
    private readonly int _port = FreePort.Tcp();
    private ChildProcess? _process;
    private int _starts;

    private ObjectStore()
    {
    }

    /// <summary>Its address.</summary>
    public string Endpoint => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_port}");

    /// <summary>The secret key.</summary>
    public string Secret { get; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(20));

    /// <summary>The settings of a product that stores there.</summary>
    public async Task<Dictionary<string, string?>> SettingsAsync(CancellationToken cancel) => new()
    {
        ["Blobs__S3__Bucket"] = Bucket,
        ["Blobs__S3__Endpoint"] = Endpoint,
        ["Blobs__S3__AccessKey"] = AccessKey,
        ["Blobs__S3__SecretKeyPath"] = await _work.WriteAsync("secret", Secret, cancel),
    };

    /// <summary>Starts one, its bucket empty; skips the test where Swift is not installed.</summary>
    public static async Task<ObjectStore> StartAsync(CancellationToken cancel)
    {
        Assert.SkipUnless(Directory.Exists(Module), "python3-swift is not installed: ./pbx test installs it when it runs as root");
        ObjectStore store = new();
        try
        {
            await store.BeginAsync(cancel);
            return store;
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    /// <summary>Kills it: its port refuses.</summary>
    public async Task KillAsync(CancellationToken cancel)
    {
        _process!.Signal(SigKill);
        Assert.NotNull(await _process.ExitedAsync(s_patience, cancel));
    }

    /// <summary>Starts it again after <see cref="KillAsync"/>, at the same port, its bucket empty.</summary>
    public async Task BeginAsync(CancellationToken cancel)
    {
        string script = _work.PathOf("s3.py");
        await File.WriteAllBytesAsync(script, Corpus.Load(Script), cancel);
        string folder = _work.PathOf(string.Create(CultureInfo.InvariantCulture, $"data{_starts++}"));
        _process = _work.Start([Python, "-u", script, folder, _port.ToString(CultureInfo.InvariantCulture), AccessKey, Secret, Bucket], input: null);
        Assert.True(await _process.Output.WaitAsync(line => line == "ready", 0, s_patience, cancel) is not null, _work.Logs());
    }

    /// <summary>Lets it hang: its port takes connections and nobody answers; or lets it go on.</summary>
    public void Hang(bool hangs) => _process!.Signal(hangs ? SigStop : SigContinue);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _work.DisposeAsync();
}
