using CloudPbx.Sip.Transport;
using CloudPbx.TestKit;
using CloudPbx.TestKit.Phones;

namespace CloudPbx.Scenarios.RealPhones;

[Collection(RealPhonesGroup.Name)]
public sealed class TenantScenarios(ProductFixture fixture)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_same_number_rings_in_the_callers_own_tenant_only()
    {
        await using Baresip alice = await StartAsync(fixture.Phones.Account("100", SipTransport.Tls, PhoneEncryption.Preferred));
        await using Baresip bob = await StartAsync(fixture.Phones.Account("101", SipTransport.Tls, PhoneEncryption.Preferred));
        await using Baresip stranger = await StartAsync(fixture.Pbx.OtherAccount("101", SipTransport.Tls, PhoneEncryption.Preferred));
        IRealCall atAlice = await alice.DialAsync("101", Cancel);
        IRealCall atBob = await bob.IncomingAsync(Cancel);
        await atBob.AnswerAsync(Cancel);
        await atAlice.AnsweredAsync(Cancel);
        Assert.DoesNotContain(stranger.Events.Snapshot(), e => e.Type == "CALL_INCOMING");
        await atAlice.HangUpAsync(Cancel);
        await atBob.EndedAsync(Cancel);
    }

    [Fact]
    public async Task A_password_of_one_tenant_opens_no_other()
    {
        PhoneAccount mixed = fixture.Pbx.OtherAccount("104", SipTransport.Tcp) with { Password = fixture.Phones.PasswordOf("104") };
        await using Baresip stranger = await Baresip.StartAsync(mixed, cancel: Cancel);
        Assert.StartsWith("40", await stranger.RefusedAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_is_called_across_tenants()
    {
        await using Baresip alice = await StartAsync(fixture.Phones.Account("100", SipTransport.Udp));
        await using Baresip stranger = await StartAsync(fixture.Pbx.OtherAccount("102", SipTransport.Udp));
        IRealCall call = await alice.DialAsync($"sip:102@{RunningProduct.OtherDomain}", Cancel);
        Assert.StartsWith("404", await call.EndedAsync(Cancel), StringComparison.Ordinal);
        Assert.DoesNotContain(stranger.Events.Snapshot(), e => e.Type == "CALL_INCOMING");
    }

    private static async Task<Baresip> StartAsync(PhoneAccount account)
    {
        Baresip phone = await Baresip.StartAsync(account, cancel: Cancel);
        await phone.RegisteredAsync(Cancel);
        return phone;
    }
}
