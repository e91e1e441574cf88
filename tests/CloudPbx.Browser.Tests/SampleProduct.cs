using System.Net;
using System.Text.Json;
using CloudPbx.Sip.Transport;
using CloudPbx.Softphone;
using CloudPbx.TestKit;
using CloudPbx.TestKit.Processes;

namespace CloudPbx.Browser.Tests;

/// <summary>The product with its sample companies, and phones of the first that are at work: for pictures.</summary>
internal sealed class SampleProduct : IAsyncDisposable
{
    private const string Ready = "CloudPbx is ready", FirstSignIn = "  First sign-in", Domain = "  Domain";
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);
    private static readonly string[] s_agents = ["Yealink SIP-T46U", "snomD785", "GNOME Calls", "Linphone-Desktop", "Grandstream GXP2170", "baresip"];

    private readonly DirectoryInfo _folder;
    private readonly ChildProcess _process;
    private readonly List<Phone> _phones = [];
    private PbxApi? _api;
    private string _domain = "";
    private int _sipPort;

    private SampleProduct(DirectoryInfo folder, ChildProcess process) => (_folder, _process) = (folder, process);

    /// <summary>The REST API, as the operator.</summary>
    public PbxApi Api => _api ?? throw new InvalidOperationException("The product is not started.");

    /// <summary>Where the portal is.</summary>
    public string Address { get; private set; } = "";

    /// <summary>Where the operator chooses a password.</summary>
    public Uri Link { get; private set; } = null!;

    public static async Task<SampleProduct> StartAsync(CancellationToken cancel)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("pbx-sample-");
        SampleProduct product = new(folder, RunningProduct.StartProgram(
            ["run", "--sample", "--data", folder.FullName, "--sip-port", "0", "--tls-port", "0", "--https-port", "0", "--media-ports", "42000-42399", "--log-level", "Warning"]));
        try
        {
            await product.ReadAsync(cancel);
            return product;
        }
        catch
        {
            await product.DisposeAsync();
            throw;
        }
    }

    /// <summary>Has extensions register: <c>100</c> and those after it.</summary>
    /// <param name="count">How many.</param>
    /// <param name="cancel">Stops it.</param>
    public async Task RegisterAsync(int count, CancellationToken cancel)
    {
        for (int i = 0; i < count; i++)
        {
            string number = $"{100 + i}";
            JsonElement device = (await Api.GetAsync($"tenants/acme/devices?extension={number}", cancel)).GetProperty("items").EnumerateArray().First(item => item.GetProperty("authUser").GetString() == number);
            JsonElement secret = await Api.PostAsync($"tenants/acme/devices/{device.GetProperty("id").GetString()}/secret", "", cancel);
            Phone phone = await Phone.StartAsync(
                new PhoneOptions
                {
                    Server = new IPEndPoint(IPAddress.Loopback, _sipPort), Transport = i % 3 == 0 ? SipTransport.Tcp : SipTransport.Udp, Domain = _domain, User = number, Password = secret.GetProperty("secret").GetString()!,
                    LocalAddress = IPAddress.Loopback, Product = s_agents[i % s_agents.Length],
                }, cancel);
            _phones.Add(phone);
            await phone.RegisterAsync();
        }
    }

    /// <summary>Has one of them call another.</summary>
    /// <param name="from">Which, counted from 0.</param>
    /// <param name="to">Whom.</param>
    /// <param name="answers">Whether that one answers; else it rings on.</param>
    /// <param name="cancel">Stops it.</param>
    public async Task CallAsync(int from, int to, bool answers, CancellationToken cancel)
    {
        PhoneCall call = await _phones[from].DialAsync($"{100 + to}");
        PhoneCall there = await _phones[to].IncomingAsync(cancel);
        if (!answers)
            return;
        await there.AnswerAsync();
        await call.Answered.WaitAsync(cancel);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Phone phone in _phones)
            await phone.DisposeAsync();
        _api?.Dispose();
        await _process.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private async Task ReadAsync(CancellationToken cancel)
    {
        if (await _process.Output.WaitAsync(line => line.StartsWith(Ready, StringComparison.Ordinal), 0, s_patience, cancel) is null)
            throw new InvalidOperationException($"The product did not start.{Environment.NewLine}{_process.Tail()}");
        Link = new Uri((await LineAsync(FirstSignIn, cancel)).Split(' ')[0]);
        Address = Link.GetLeftPart(UriPartial.Authority);
        _domain = await LineAsync(Domain, cancel);
        using JsonDocument running = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(_folder.FullName, "run.json"), cancel));
        _sipPort = running.RootElement.GetProperty("sipPort").GetInt32();
        _api = new PbxApi(running.RootElement.GetProperty("apiSocket").GetString()!, (await File.ReadAllTextAsync(Path.Combine(_folder.FullName, "operator.token"), cancel)).Trim());
    }

    private async Task<string> LineAsync(string beginning, CancellationToken cancel) =>
        (await _process.Output.WaitAsync(line => line.StartsWith(beginning, StringComparison.Ordinal), 0, s_patience, cancel) is { } line ? line.Entry : throw new InvalidOperationException($"No line begins with {beginning}."))[beginning.Length..].Trim();
}
