using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using CloudPbx.Scenarios.BuiltIn;
using CloudPbx.Sdp;
using CloudPbx.Sip.Transport;
using CloudPbx.Softphone;
using CloudPbx.TestKit.Carriers;
using CloudPbx.TestKit.Namespaces;
using CloudPbx.TestKit.Processes;

namespace CloudPbx.Scenarios.Cluster;

/// <summary>Lines that are registered at Kamailio, a tenant's own and one of a trunk of the platform, while the processes that keep them die and are replaced.</summary>
[Collection(ClusterGroup.Name)]
public sealed class LineScenarios(ClusterFixture fixture)
{
    private const string Password = "what-the-carrier-gave", SharedTrunk = "shared-line", OwnTrunk = "own-line", SharedAccount = "line-1", OwnAccount = "line-2";

    private const int SigKill = 9, SigTerm = 15;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_line_has_exactly_one_live_registration_whichever_process_is_killed_or_started_again()
    {
        Tools.Require("kamailio");
        IPEndPoint at = new(IPAddress.Parse("127.0.0.63"), FreePort.Udp());
        await using HostileCarrier network = HostileCarrier.Listen(IPAddress.Parse("127.0.0.64"), at);
        await using Kamailio registrar = await Kamailio.StartAsync(at, network.At, Password, Cancel);
        await fixture.Pbx.Api.PostAsync("platform/trunks", Trunk(SharedTrunk, SharedAccount, at).ToJsonString(), Cancel);
        await using Company owner = await Company.FoundAsync(fixture.Pbx, Cancel), sharer = await Company.FoundAsync(fixture.Pbx, Cancel);
        Line own = new(owner, $"tenants/{owner.Name}/trunks/{OwnTrunk}/status", OwnAccount, "+49350001"), shared = new(sharer, $"platform/trunks/{SharedTrunk}/status", SharedAccount, "+49350002");
        await fixture.Pbx.Api.PostAsync("platform/numbers", $$"""{"number":"{{shared.Number}}","trunk":"{{SharedTrunk}}","tenant":"{{sharer.Name}}"}""", Cancel);
        await ChangeAsync(sharer, document => document["numbers"]![0]!["extension"] = "100");
        await ChangeAsync(owner, document =>
        {
            document["trunks"] = new JsonArray(Trunk(OwnTrunk, OwnAccount, at));
            document["numbers"] = new JsonArray(new JsonObject { ["number"] = own.Number, ["trunk"] = OwnTrunk, ["extension"] = "100" });
        });
        Line[] lines = [own, shared];
        Phone[] phones = [await RegisterAsync(owner), await RegisterAsync(sharer)];
        await OneLiveRegistrationAsync("at first");

        // One worker after the other: whoever keeps a line is among them, and the second one keeps what it got from the first.
        foreach (string process in fixture.Pbx.Workers.Append("edge"))
        {
            fixture.Pbx.Signal(process, SigKill);
            await fixture.Pbx.EndedAsync(process, Cancel);
            await fixture.Pbx.RunsAgainAsync(process, Cancel);
            await OneLiveRegistrationAsync($"after the death of {process}");
        }

        // All of them in order, as when a new version comes.
        foreach (string process in fixture.Pbx.Workers.Append("edge"))
        {
            fixture.Pbx.Signal(process, SigTerm);
            await fixture.Pbx.RunsAgainAsync(process, Cancel);
        }
        await OneLiveRegistrationAsync("after the restart");

        async Task OneLiveRegistrationAsync(string when)
        {
            for (int i = 0; i < lines.Length; i++)
            {
                Line line = lines[i];
                await fixture.Pbx.EventuallyAsync(async cancel => IsRegistered(await fixture.Pbx.Api.GetAsync(line.Status, cancel)), $"{line.Account} is registered {when}", Cancel);
                Assert.Equal((when, "200 1"), (when, await Kamailio.BindingsAsync(network, line.Account)));
                await fixture.Pbx.EventuallyAsync(async _ => (await phones[i].RegisterAsync()).IsRegistered, $"the phone of {line.Account} is back {when}", Cancel);

                string call = $"{line.Account}-{Guid.NewGuid():N}";
                network.Invite(line.Number, $"X-Line: {line.Account}", call: call);
                PhoneCall incoming = await phones[i].IncomingAsync(Cancel).AsTask().WaitAsync(Deadlines.Takeover);
                Assert.True((await incoming.AnswerAsync()).Accepted);
                RawMessage answer = await network.ExpectAsync("200 INVITE");
                Assert.StartsWith(call, answer["Call-ID"], StringComparison.Ordinal);
                RawDialog dialog = network.Dialog(answer);
                dialog.Ack();
                dialog.Send("BYE");
                await network.ExpectAsync("200 BYE");
                await incoming.Ended.WaitAsync(Deadlines.Signalling);
                Assert.Equal((when, "200 1"), (when, await Kamailio.BindingsAsync(network, line.Account)));
            }
        }
    }

    private static Task<Phone> RegisterAsync(Company company) => company.RegisterAsync("100", SipTransport.Udp, SrtpPolicy.Off);

    private static bool IsRegistered(JsonElement status) =>
        Assert.Single(status.GetProperty("lines").EnumerateArray()).TryGetProperty("registeredSince", out JsonElement since) && since.ValueKind == JsonValueKind.String;

    private static JsonObject Trunk(string name, string account, IPEndPoint at) => new()
    {
        ["name"] = name,
        ["kind"] = "registered",
        ["server"] = new JsonObject { ["host"] = at.Address.ToString(), ["port"] = at.Port, ["transport"] = "udp" },
        ["accounts"] = new JsonArray(new JsonObject { ["user"] = account, ["password"] = Password }),
        ["changes"] = new JsonObject { ["optionsKeepAlive"] = false },
    };

    private async Task ChangeAsync(Company company, Action<JsonObject> change)
    {
        JsonObject document = JsonNode.Parse((await fixture.Pbx.Api.GetAsync($"tenants/{company.Name}/document", Cancel)).GetRawText())!.AsObject();
        change(document);
        await fixture.Pbx.Api.PutAsync($"tenants/{company.Name}/document", document.ToJsonString(), Cancel);
    }

    /// <summary>A line, and whom it calls.</summary>
    /// <param name="Company">Whose phone rings.</param>
    /// <param name="Status">Where the API says how its trunk stands.</param>
    /// <param name="Account">Its account at Kamailio.</param>
    /// <param name="Number">The company's number.</param>
    private sealed record Line(Company Company, string Status, string Account, string Number);
}
