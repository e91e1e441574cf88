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

namespace CloudPbx.Scenarios.HostileCarriers;

/// <summary>A registered trunk of the platform that two companies share. The registrar is Kamailio; the telephone network behind it is scripted.</summary>
[Collection(HostileCarriersGroup.Name)]
public sealed class SharedLineScenarios(ProductFixture fixture)
{
    private const string Password = "what-the-carrier-gave", Trunk = "shared-lines";

    private static readonly string[] s_numbers = ["+49330001", "+49330002"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_companies_call_and_are_called_over_one_line_that_is_registered_once_until_its_trunk_is_deleted()
    {
        Tools.Require("kamailio");
        IPEndPoint at = new(IPAddress.Parse("127.0.0.61"), FreePort.Udp());
        await using HostileCarrier network = HostileCarrier.Listen(IPAddress.Parse("127.0.0.62"), at);
        await using Kamailio registrar = await Kamailio.StartAsync(at, network.At, Password, Cancel);
        await fixture.Pbx.Api.PostAsync("platform/trunks", TrunkDocument(at), Cancel);
        await using Company acme = await FoundAsync(s_numbers[0]), other = await FoundAsync(s_numbers[1]);
        JsonElement[] lines = await RegisteredAsync(registrar);
        Assert.Equal(["line-1", "line-2"], lines.Select(line => line.GetProperty("account").GetString()));
        Assert.Equal("200 1", await Kamailio.BindingsAsync(network, "line-1"));          // however many companies there are
        Assert.Equal("200 1", await Kamailio.BindingsAsync(network, "line-2"));

        // The same extension of both: a mix-up shows.
        Phone[] phones = [await acme.RegisterAsync("100", SipTransport.Udp, SrtpPolicy.Off), await other.RegisterAsync("100", SipTransport.Udp, SrtpPolicy.Off)];
        for (int i = 0; i < phones.Length; i++)
        {
            network.Invite(s_numbers[i], call: $"in{i}");
            using CancellationTokenSource deadline = new(Deadlines.Signalling);
            PhoneCall called = await phones[i].IncomingAsync(deadline.Token);
            Assert.True((await called.AnswerAsync()).Accepted);
            RawDialog dialog = network.Dialog(await network.ExpectAsync("200 INVITE"));
            dialog.Ack();
            dialog.Send("BYE");
            await network.ExpectAsync("200 BYE");
            await called.Ended.WaitAsync(Deadlines.Signalling);

            PhoneCall call = await phones[i].DialAsync("9" + CarrierScene.Callee);
            RawMessage invite = await network.ExpectAsync("INVITE");
            Assert.Contains(s_numbers[i], invite["From"] + invite["P-Asserted-Identity"] + invite["P-Preferred-Identity"], StringComparison.Ordinal);
            network.Answer(invite, "200 OK", "", HostileCarrier.Pcmu);
            await network.ExpectAsync("ACK");
            Assert.True((await call.Answered.WaitAsync(Deadlines.Signalling)).Accepted);
            await call.HangUpAsync();
            network.Answer(await network.ExpectAsync("BYE"), "200 OK");
        }
        network.Invite("+49330999", call: "nobody");
        network.AckRefusal(await network.ExpectAsync("404 INVITE"));

        foreach (Company company in new[] { acme, other })
            await ChangeAsync(company, document => document["routes"] = new JsonArray());
        foreach (string number in s_numbers)
        {
            await fixture.Pbx.Api.PutAsync($"platform/numbers/{number}", $$"""{"number":"{{number}}","trunk":"{{Trunk}}"}""", Cancel);
            await fixture.Pbx.Api.DeleteAsync($"platform/numbers/{number}", Cancel);
        }
        await fixture.Pbx.Api.DeleteAsync($"platform/trunks/{Trunk}", Cancel);
        long end = Environment.TickCount64 + (long)Deadlines.Signalling.TotalMilliseconds;
        while (await Kamailio.BindingsAsync(network, "line-1") != "404 0" || await Kamailio.BindingsAsync(network, "line-2") != "404 0")
            Assert.True(Environment.TickCount64 < end, network.Trace);                    // the registrar tells it when it is asked only
    }

    private static string TrunkDocument(IPEndPoint at) =>
        $$"""
        {
          "name": "{{Trunk}}", "kind": "registered", "server": { "host": "{{at.Address}}", "port": {{at.Port}}, "transport": "udp" },
          "accounts": [ { "user": "line-1", "password": "{{Password}}" }, { "user": "line-2", "password": "{{Password}}" } ], "changes": { "optionsKeepAlive": false }
        }
        """;

    /// <summary>A company that gets a number of the trunk, which rings at 100, and calls outside over it.</summary>
    private async Task<Company> FoundAsync(string number)
    {
        Company company = await Company.FoundAsync(fixture.Pbx, Cancel);
        await fixture.Pbx.Api.PostAsync("platform/numbers", $$"""{"number":"{{number}}","trunk":"{{Trunk}}","tenant":"{{company.Name}}"}""", Cancel);
        await ChangeAsync(company, document =>
        {
            document["numbers"]![0]!["extension"] = "100";
            document["routes"] = new JsonArray(new JsonObject { ["name"] = "all", ["trunks"] = new JsonArray(new JsonObject { ["trunk"] = Trunk }) });
            document["outside"] = new JsonObject { ["callerNumber"] = number };
        });
        return company;
    }

    private async Task ChangeAsync(Company company, Action<JsonObject> change)
    {
        JsonObject document = JsonNode.Parse((await fixture.Pbx.Api.GetAsync($"tenants/{company.Name}/document", Cancel)).GetRawText())!.AsObject();
        change(document);
        await fixture.Pbx.Api.PutAsync($"tenants/{company.Name}/document", document.ToJsonString(), Cancel);
    }

    /// <summary>Waits until the owner sees both lines registered.</summary>
    private async Task<JsonElement[]> RegisteredAsync(Kamailio registrar)
    {
        long end = Environment.TickCount64 + (long)Deadlines.Signalling.TotalMilliseconds;
        while (true)
        {
            JsonElement status = await fixture.Pbx.Api.GetAsync($"platform/trunks/{Trunk}/status", Cancel);      // the API tells it when it is asked only
            JsonElement[] lines = [.. status.GetProperty("lines").EnumerateArray()];
            if (lines.Length == 2 && Array.TrueForAll(lines, line => line.TryGetProperty("registeredSince", out JsonElement since) && since.ValueKind == JsonValueKind.String))
                return lines;
            Assert.True(Environment.TickCount64 < end, $"{status}\n{registrar.Log}");
        }
    }
}
