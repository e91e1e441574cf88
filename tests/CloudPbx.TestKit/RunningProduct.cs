using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using CloudPbx.Sip.Transport;
using CloudPbx.TestKit.Namespaces;
using CloudPbx.TestKit.Phones;
using CloudPbx.TestKit.Processes;

namespace CloudPbx.TestKit;

/// <summary>
/// The product as its user starts it: <c>cloudpbx run</c> in a folder of its own, on free ports, with its media child. Two tenants have the
/// same extension numbers, so that a mix-up shows in every scenario.
/// </summary>
public sealed class RunningProduct : IPbxUnderTest
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);     // a safety net for busy machines, not a measure
    private static readonly string[] s_extensions = ["100", "101", "102", "103", "104", "105"];
    private readonly bool _ownsFolder;
    private readonly ChildProcess _process;
    private readonly Dictionary<string, string> _passwords = [], _otherPasswords = [];
    private PbxApi? _api;
    private string _apiSocket = "";

    private RunningProduct(string folder, bool ownsFolder, ChildProcess process) => (DataFolder, _ownsFolder, _process) = (folder, ownsFolder, process);

    /// <inheritdoc/>
    public string Domain => "acme.test";

    /// <summary>The domain of a second tenant with the same extensions and other passwords.</summary>
    public const string OtherDomain = "globex.test";

    /// <inheritdoc/>
    public string Host { get; private init; } = "127.0.0.1";

    /// <inheritdoc/>
    public int SipPort { get; private set; }

    /// <inheritdoc/>
    public int TlsPort { get; private set; }

    /// <summary>The port of its REST API for others.</summary>
    public int HttpsPort { get; private set; }

    /// <inheritdoc/>
    public string CaFile { get; private set; } = "";

    /// <summary>The process, for tests of its death.</summary>
    public ChildProcess Process => _process;

    /// <inheritdoc/>
    public PbxApi Api => _api ?? throw new InvalidOperationException("the product is not started");

    /// <summary>Where the operator of a new installation chooses a password, as the first screen says; <see langword="null"/> on later starts.</summary>
    public Uri? FirstSignIn { get; private set; }

    /// <summary>Its data folder.</summary>
    public string DataFolder { get; }

    /// <summary>The process id of its media child at the start.</summary>
    public int MediaProcessId { get; private set; }

    /// <summary>Starts it in a folder that goes with it, and waits until it serves.</summary>
    /// <param name="options">More options of <c>run</c>.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <param name="environment">Variables for its environment.</param>
    public static Task<RunningProduct> StartAsync(IReadOnlyList<string> options, CancellationToken cancel, IReadOnlyDictionary<string, string?>? environment = null) =>
        StartAsync(Directory.CreateTempSubdirectory("pbx-product-").FullName, ownsFolder: true, options, environment, cancel);

    /// <summary>Starts it on a data folder that stays, and waits until it serves.</summary>
    /// <param name="folder">The data folder, perhaps of an earlier run.</param>
    /// <param name="options">More options of <c>run</c>.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <param name="environment">Variables for its environment.</param>
    public static Task<RunningProduct> StartAsync(string folder, IReadOnlyList<string> options, CancellationToken cancel, IReadOnlyDictionary<string, string?>? environment = null) =>
        StartAsync(folder, ownsFolder: false, options, environment, cancel);

    private static async Task<RunningProduct> StartAsync(
        string folder, bool ownsFolder, IReadOnlyList<string> options, IReadOnlyDictionary<string, string?>? environment, CancellationToken cancel)
    {
        int sipPort = FreePort.Pair();      // one port for UDP and TCP, the next for TLS
        int firstMediaPort = 2 * RandomNumberGenerator.GetInt32(16500, 30000);
        string[] arguments =
        [
            Program(), "run", "--data", folder, "--sip-port", $"{sipPort}", "--tls-port", $"{sipPort + 1}", "--https-port", "0", "--no-demo",
            "--media-ports", string.Create(CultureInfo.InvariantCulture, $"{firstMediaPort}-{firstMediaPort + 799}"), .. options,
        ];
        if (!options.Contains("--log-level")) arguments = [.. arguments, "--log-level", "Information"];
        RunningProduct product = new(folder, ownsFolder, ChildProcess.Start(arguments, folder, environment)) { Host = options.SkipWhile(option => option != "--bind").ElementAtOrDefault(1) ?? "127.0.0.1" };
        try
        {
            await product.ReadyAsync(cancel);
            await product.ApplyAsync("acme", product.Domain, isDefault: true, product._passwords, cancel);
            await product.ApplyAsync("globex", OtherDomain, isDefault: false, product._otherPasswords, cancel);
            return product;
        }
        catch
        {
            await product.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public string PasswordOf(string extension) => _passwords[extension];

    /// <summary>What the user of an extension of the second tenant types into a phone.</summary>
    public PhoneAccount OtherAccount(string extension, SipTransport transport, PhoneEncryption encryption = PhoneEncryption.Never) =>
        ((IPbxUnderTest)this).Account(extension, transport, encryption) with { Domain = OtherDomain, Password = _otherPasswords[extension] };

    /// <summary>The API as a program of a reseller's or tenant's reaches it: with a token that its key got.</summary>
    /// <param name="clientId">The key.</param>
    /// <param name="clientSecret">Its secret.</param>
    /// <param name="cancel">Ends the wait.</param>
    public async Task<PbxApi> SignInAsync(string clientId, string clientSecret, CancellationToken cancel)
    {
        X509Certificate2Collection trusted = [];
        trusted.ImportFromPemFile(CaFile);
        using SocketsHttpHandler handler = new();
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        handler.SslOptions.CertificateChainPolicy.CustomTrustStore.AddRange(trusted);
        using HttpClient http = new(handler);
        using FormUrlEncodedContent grant = new([new("grant_type", "client_credentials"), new("scope", "api"), new("client_id", clientId), new("client_secret", clientSecret)]);
        using HttpResponseMessage response = await http.PostAsync(new Uri($"https://localhost:{HttpsPort}/connect/token"), grant, cancel);
        using JsonDocument answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync(cancel));
        return response.IsSuccessStatusCode ? new PbxApi(_apiSocket, answer.RootElement.GetProperty("access_token").GetString()!)
            : throw new HttpRequestException($"{(int)response.StatusCode}: {answer.RootElement}");
    }

    /// <summary>Runs another verb of the program against this installation.</summary>
    /// <returns>What it printed.</returns>
    public async Task<string> CommandAsync(string input, string[] arguments, CancellationToken cancel)
    {
        string[] line = [Program(), .. arguments, "--data", DataFolder];
        (int code, string output) = await ChildProcess.RunAsync(line, DataFolder, input: input, deadline: s_patience, cancel: cancel);
        return code == 0 ? output : throw new InvalidOperationException($"{string.Join(' ', arguments)} ended with {code}: {output}{Environment.NewLine}{Logs()}");
    }

    /// <summary>Runs the program as given, to its end.</summary>
    /// <returns>Its exit code and all that it printed.</returns>
    public static Task<(int ExitCode, string Output)> RunProgramAsync(string[] arguments, CancellationToken cancel, IReadOnlyDictionary<string, string?>? environment = null) =>
        ChildProcess.RunAsync([Program(), .. arguments], Path.GetTempPath(), environment, deadline: s_patience, cancel: cancel);

    /// <summary>Starts the program as given and leaves it to the test.</summary>
    public static ChildProcess StartProgram(string[] arguments) => ChildProcess.Start([Program(), .. arguments], Path.GetTempPath());

    /// <inheritdoc/>
    public string Logs() => _process.Tail(80);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _api?.Dispose();
        await _process.DisposeAsync();
        if (_ownsFolder) Directory.Delete(DataFolder, recursive: true);
    }

    private async Task ReadyAsync(CancellationToken cancel)
    {
        if (await _process.Output.WaitAsync(line => line.StartsWith("CloudPbx is ready", StringComparison.Ordinal), 0, s_patience, cancel) is null)
            throw new InvalidOperationException($"the product did not start.{Environment.NewLine}{Logs()}");
        // Without the line for the first sign-in, the one after it comes.
        const string firstSignIn = "  First sign-in";
        (string Entry, int)? line = await _process.Output.WaitAsync(
            line => line.StartsWith(firstSignIn, StringComparison.Ordinal) || line.StartsWith("  REST API", StringComparison.Ordinal), 0, s_patience, cancel);
        FirstSignIn = line is { Entry: { } said } && said.StartsWith(firstSignIn, StringComparison.Ordinal) ? new Uri(said[firstSignIn.Length..].Trim()) : null;
        using JsonDocument running = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(DataFolder, "run.json"), cancel));
        SipPort = running.RootElement.GetProperty("sipPort").GetInt32();
        HttpsPort = running.RootElement.GetProperty("httpsPort").GetInt32();
        TlsPort = running.RootElement.GetProperty("tlsPort").GetInt32();
        CaFile = running.RootElement.GetProperty("certificateAuthority").GetString()!;
        _apiSocket = running.RootElement.GetProperty("apiSocket").GetString()!;
        _api = new PbxApi(
            _apiSocket,
            (await File.ReadAllTextAsync(Path.Combine(DataFolder, "operator.token"), cancel)).Trim());
        MediaProcessId = running.RootElement.GetProperty("mediaProcessId").GetInt32();
    }

    private async Task ApplyAsync(string name, string domain, bool isDefault, Dictionary<string, string> passwords, CancellationToken cancel)
    {
        await CommandAsync(TenantDocument.Make(name, domain, isDefault, s_extensions, passwords), ["apply", "-"], cancel);
    }

    /// <summary>The program that was built together with these tests.</summary>
    internal static string Program()
    {
        string[] built = AppContext.BaseDirectory.TrimEnd('/').Split('/')[^2..];                      // configuration, framework
        DirectoryInfo? root = new(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "CloudPbx.sln"))) root = root.Parent;
        return Path.Combine(root?.FullName ?? "", "services", "AllInOne", "bin", built[0], built[1], "cloudpbx");
    }
}
