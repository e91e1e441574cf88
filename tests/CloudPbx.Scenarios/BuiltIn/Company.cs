using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;
using CloudPbx.Sdp;
using CloudPbx.Sip.Transport;
using CloudPbx.Sip.UserAgents;
using CloudPbx.Softphone;
using CloudPbx.TestKit;

namespace CloudPbx.Scenarios.BuiltIn;

/// <summary>A tenant of a scenario's own, with its phones. Every company has the same extensions, so that a mix-up of tenants shows.</summary>
internal sealed class Company : IAsyncDisposable
{
    private static readonly string[] s_numbers = ["100", "101", "102"];
    private static int s_count;
    private readonly IPbxUnderTest _pbx;
    private readonly List<Phone> _phones = [];
    private readonly Dictionary<string, string> _passwords = [];

    private Company(IPbxUnderTest pbx, string name) => (_pbx, Name) = (pbx, name);

    /// <summary>The tenant's name.</summary>
    public string Name { get; }

    /// <summary>Its domain.</summary>
    public string Domain => $"{Name}.test";

    /// <summary>Founds a company.</summary>
    /// <param name="pbx">The product.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <param name="ringSeconds">How long its extensions ring.</param>
    /// <param name="encryption">What its phones must do: <c>off</c>, <c>optional</c>, <c>required</c>.</param>
    /// <param name="by">Who founds it, a reseller whose it is then; null: the operator.</param>
    public static async Task<Company> FoundAsync(IPbxUnderTest pbx, CancellationToken cancel, int ringSeconds = 30, string encryption = "optional", PbxApi? by = null)
    {
        var company = new Company(pbx, $"company{Interlocked.Increment(ref s_count)}");
        string document = TenantDocument.Make(company.Name, company.Domain, isDefault: false, s_numbers, company._passwords, ringSeconds, encryption);
        await (by ?? pbx.Api).PutAsync($"tenants/{company.Name}/document", document, cancel);
        return company;
    }

    /// <summary>What a phone of an extension is set up with.</summary>
    public PhoneOptions Account(string number, SipTransport transport = SipTransport.Tls, SrtpPolicy srtp = SrtpPolicy.Optional)
    {
        X509Certificate2Collection trusted = [];
        trusted.ImportFromPemFile(_pbx.CaFile);
        return new PhoneOptions
        {
            Server = new IPEndPoint(IPAddress.Parse(_pbx.Host), transport == SipTransport.Tls ? _pbx.TlsPort : _pbx.SipPort),
            Transport = transport,
            Domain = Domain,
            TlsName = "localhost",                  // the certificate has the machine's names, not every tenant's
            TrustedAuthorities = trusted,
            User = number,
            Password = _passwords[number],
            Srtp = srtp,
        };
    }

    /// <summary>Starts a phone and registers it.</summary>
    public Task<Phone> RegisterAsync(string number, SipTransport transport = SipTransport.Tls, SrtpPolicy srtp = SrtpPolicy.Optional) =>
        RegisterAsync(Account(number, transport, srtp));

    /// <summary>Starts a phone and registers it.</summary>
    public async Task<Phone> RegisterAsync(PhoneOptions account)
    {
        Phone phone = await StartAsync(account);
        RegistrationState state = await phone.RegisterAsync().WaitAsync(Deadlines.Signalling);
        Assert.True(state.IsRegistered, $"{account.User} could not register: {state.StatusCode} {state.ReasonPhrase}");
        return phone;
    }

    /// <summary>Starts a phone without registering it.</summary>
    public async Task<Phone> StartAsync(PhoneOptions account)
    {
        Phone phone = await Phone.StartAsync(account, TestContext.Current.CancellationToken);
        _phones.Add(phone);
        return phone;
    }

    /// <summary>The newest call record, once there are so many.</summary>
    public async Task<JsonElement> RecordAsync(int count, CancellationToken cancel)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        deadline.CancelAfter(Deadlines.Signalling);
        while (true)
        {
            JsonElement items = (await _pbx.Api.GetAsync($"tenants/{Name}/calls", deadline.Token)).GetProperty("items");
            if (items.GetArrayLength() >= count) return items[0];
        }
    }

    /// <summary>How many call records there are.</summary>
    public async Task<int> RecordCountAsync(CancellationToken cancel) => (await _pbx.Api.GetAsync($"tenants/{Name}/calls", cancel)).GetProperty("items").GetArrayLength();

    /// <summary>The live registrations.</summary>
    public async Task<JsonElement[]> RegistrationsAsync(CancellationToken cancel) =>
        [.. (await _pbx.Api.GetAsync($"tenants/{Name}/registrations", cancel)).GetProperty("items").EnumerateArray()];

    /// <summary>Changes the company's document.</summary>
    public async Task ChangeAsync(Action<JsonObject> change, CancellationToken cancel)
    {
        JsonObject document = JsonNode.Parse((await _pbx.Api.GetAsync($"tenants/{Name}/document", cancel)).GetRawText())!.AsObject();
        change(document);
        await _pbx.Api.PutAsync($"tenants/{Name}/document", document.ToJsonString(), cancel);
    }

    /// <summary>Has the company call outside by a trunk <c>carrier</c>, and be called there as extension 100; done when its worker knows, which is told later where it is slow to answer.</summary>
    /// <param name="carrier">Where the carrier is, which is known by its address.</param>
    /// <param name="number">The company's number.</param>
    /// <param name="cancel">Ends the wait.</param>
    public async Task CallOutsideByAsync(IPEndPoint carrier, string number, CancellationToken cancel)
    {
        await ChangeAsync(
            document =>
            {
                document["trunks"] = new JsonArray(new JsonObject
                {
                    ["name"] = "carrier",
                    ["kind"] = "ip",
                    ["server"] = new JsonObject { ["host"] = carrier.Address.ToString(), ["port"] = carrier.Port, ["transport"] = "udp" },
                    ["sources"] = new JsonArray(carrier.Address.ToString()),
                    ["changes"] = new JsonObject { ["optionsKeepAlive"] = false },          // its script would have to answer them
                });
                document["numbers"] = new JsonArray(new JsonObject { ["number"] = number, ["extension"] = "100" });
                document["routes"] = new JsonArray(new JsonObject { ["name"] = "all", ["trunks"] = new JsonArray(new JsonObject { ["trunk"] = "carrier" }) });
                document["outside"] = new JsonObject { ["callerNumber"] = number };
            },
            cancel);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        deadline.CancelAfter(Deadlines.Signalling);
        while (await _pbx.Api.TryGetOctetsAsync($"tenants/{Name}/trunks/carrier/status", deadline.Token) is null)
        {
            // The worker's answer is what takes time.
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Phone phone in _phones) await phone.DisposeAsync();
    }
}
