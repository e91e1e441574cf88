using System.Text.Json.Nodes;
using CloudPbx.TestKit.Carriers;

namespace CloudPbx.Scenarios.HostileCarriers;

/// <summary>How carriers want numbers and names written, and how they write them (INTEROP I7 to I12).</summary>
[Collection(HostileCarriersGroup.Name)]
public sealed class IdentityScenarios(ProductFixture fixture)
{
    [Theory]
    [InlineData("{}", "", "", "")]                                                       // one rejects user=phone
    [InlineData("""{"requestUriParameters":"user=phone"}""", ";user=phone", "", "")]
    [InlineData("""{"requestUriParameters":"user=phone","parametersInFromAndTo":true}""", ";user=phone", ";user=phone", ";user=phone")]      // Airtel: else 487
    public async Task I7_user_phone_stands_where_the_trunk_wants_it(string changes, string inUri, string inFrom, string inTo)
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture, changes);
        await scene.DialAsync();
        RawMessage invite = await scene.Carrier.ExpectAsync("INVITE");
        Assert.Equal($"sip:{CarrierScene.Callee}@{scene.Carrier.At}{inUri}", invite.RequestUri);
        Assert.StartsWith($"<sip:{scene.Number}@{scene.Carrier.At.Address}{inFrom}>;tag=", invite["From"], StringComparison.Ordinal);
        Assert.Equal($"<sip:{CarrierScene.Callee}@{scene.Carrier.At}{inTo}>", invite["To"]);
    }

    [Fact]
    public async Task I8_the_carriers_name_stands_in_Request_URI_and_To_whatever_address_it_has()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture, trunk: (trunk, _) =>
        {
            JsonNode server = trunk["server"]!.DeepClone();
            trunk["outboundProxy"] = server;
            trunk["server"] = new JsonObject { ["host"] = "pstn.carrier.example" };
        });
        await scene.DialAsync();
        RawMessage invite = await scene.Carrier.ExpectAsync("INVITE");
        Assert.Equal($"sip:{CarrierScene.Callee}@pstn.carrier.example", invite.RequestUri);
        Assert.Equal($"<{invite.RequestUri}>", invite["To"]);
        Assert.Contains("@pstn.carrier.example>", invite["From"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task I9_a_line_registers_at_the_domain_alone()                          // a FRITZ!Box drops any other
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture, registered: true);
        RawMessage register = await scene.Carrier.ExpectAsync("REGISTER");
        Assert.Equal($"sip:{scene.Carrier.At}", register.RequestUri);
        Assert.Equal($"<sip:acct@{scene.Carrier.At.Address}>", register["To"]);
    }

    [Fact]
    public async Task I10_a_registered_line_is_called_at_its_Contact()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture, registered: true, trunk: (trunk, _) => trunk["defaultExtension"] = "100");
        HostileCarrier carrier = scene.Carrier;
        RawMessage register = await carrier.ExpectAsync("REGISTER");
        carrier.Answer(register, "200 OK", $"Contact: {register["Contact"]};expires=3600");
        await scene.RegisteredAsync();
        carrier.Send(
            $"""
            INVITE {register.Target} SIP/2.0
            Via: SIP/2.0/UDP [local];branch=[branch];rport
            Max-Forwards: 70
            From: "anonymous" <sip:anonymous@anonymous.invalid>;tag=token
            To: <sip:acct@[ip]>
            Call-ID: token@[local]
            CSeq: 1 INVITE
            Contact: <sip:carrier@[local]>
            Content-Type: application/sdp
            Content-Length: [len]

            {HostileCarrier.Pcmu}
            """);
        Assert.True((await (await scene.IncomingAsync()).AnswerAsync()).Accepted);
        carrier.Dialog(await carrier.ExpectAsync("200 INVITE")).Ack();
    }

    [Fact]
    public async Task I10_a_registered_line_is_called_by_the_number_alone()              // Telnyx and DIDWW write that, and not the account
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture, registered: true);
        HostileCarrier carrier = scene.Carrier;
        RawMessage register = await carrier.ExpectAsync("REGISTER");
        carrier.Answer(register, "200 OK", $"Contact: {register["Contact"]};expires=3600");
        await scene.RegisteredAsync();
        await scene.TakeAsync();
    }

    [Fact]
    public async Task I11_the_account_stands_in_From_and_the_number_in_the_identities_where_the_trunk_wants_it()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture, """{"fromUser":"{account}","assertedIdentity":"{caller}","preferredIdentity":"{caller}","remotePartyId":"{caller}"}""");
        await scene.DialAsync();
        RawMessage invite = await scene.Carrier.ExpectAsync("INVITE");
        Assert.StartsWith($"<sip:acct@{scene.Carrier.At.Address}>", invite["From"], StringComparison.Ordinal);
        foreach (string field in new[] { "P-Asserted-Identity", "P-Preferred-Identity", "Remote-Party-ID" })
            Assert.StartsWith($"<sip:{scene.Number}@{scene.Carrier.At.Address}>", invite[field], StringComparison.Ordinal);
    }

    [Fact]
    public async Task I12_a_call_that_is_sent_on_says_by_whom_and_before_that_by_whom_and_what_vouches_for_its_caller()
    {
        const string vouches = "eyJhbGciOiJFUzI1NiJ9.eyJhdHRlc3QiOiJBIn0.c2ln;info=<https://carrier.example/1.pem>;alg=ES256;ppt=shaken";
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture, """{"passCaller":true,"historyInfo":true}""");
        HostileCarrier carrier = scene.Carrier;
        await fixture.Pbx.Api.PutAsync($"tenants/{scene.Company.Name}/extensions/100", new JsonObject { ["number"] = "100", ["forwards"] = new JsonObject { ["always"] = CarrierScene.Callee } }.ToJsonString(), TestContext.Current.CancellationToken);
        carrier.Invite(scene.Number, $"Diversion: <sip:+4930777@elsewhere.example>;reason=user-busy;counter=1\nIdentity: {vouches}");
        RawMessage invite = await carrier.ExpectAsync("INVITE");
        Assert.StartsWith("<sip:+4989444@", invite["From"], StringComparison.Ordinal);
        Assert.Equal(2, invite.All("Diversion").Count);
        Assert.StartsWith($"<sip:{scene.Number}@", invite.All("Diversion")[0], StringComparison.Ordinal);       // RFC 5806 §4.1: the latest first
        Assert.StartsWith("<sip:+4930777@elsewhere.example>;reason=user-busy", invite.All("Diversion")[1], StringComparison.Ordinal);
        Assert.Equal(vouches, invite["Identity"]);
        Assert.Contains(invite.All("History-Info"), entry => entry.Contains(scene.Number, StringComparison.Ordinal));
    }
}
