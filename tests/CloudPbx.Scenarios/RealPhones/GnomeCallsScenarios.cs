using System.Net;
using CloudPbx.Sip.Transport;
using CloudPbx.TestKit.Dns;
using CloudPbx.TestKit.Namespaces;
using CloudPbx.TestKit.Phones;

namespace CloudPbx.Scenarios.RealPhones;

[Collection(RealPhonesGroup.Name)]
public sealed class GnomeCallsScenarios(ProductFixture fixture)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>The server is just the machine's address, as a newcomer types it.</summary>
    [Theory]
    [InlineData(PhoneEncryption.Never)]
    [InlineData(PhoneEncryption.Preferred)]
    [InlineData(PhoneEncryption.Required)]
    public async Task GNOME_Calls_registers_calls_and_is_called_over_TLS(PhoneEncryption encryption)
    {
        PhoneAccount account = fixture.Phones.Account("102", SipTransport.Tls, encryption) with { Domain = fixture.Phones.Host, ToneHertz = 440 };
        await using GnomeCalls gnome = await GnomeCalls.StartAsync(account, cancel: Cancel);
        await using Baresip bob = await StartBobAsync(null);
        await gnome.RegisteredAsync(Cancel);
        await CallEachOtherAsync(gnome, bob, "101", "102", encryption);
    }

    /// <summary>The server is a domain that DNS leads to the product: NAPTR, SRV, A.</summary>
    [Fact]
    public async Task GNOME_Calls_finds_its_domain_by_DNS()
    {
        await using PhoneNetwork network = await PhoneNetwork.DirectAsync("127.0.0.1", Cancel);
        await using DnsStub dns = DnsStub.Start(new IPEndPoint(IPAddress.Loopback, 53), network.Phones);
        string domain = fixture.Phones.Domain;
        dns.AddAddress(domain, network.PbxAddress);
        dns.AddServer($"_sips._tcp.{domain}", domain, fixture.Phones.TlsPort);
        dns.AddNaptr(domain, 10, "SIPS+D2T", $"_sips._tcp.{domain}");
        PhoneAccount account = fixture.Phones.Account("102", SipTransport.Tls, PhoneEncryption.Preferred) with { Server = domain, Port = 0, ToneHertz = 440 };
        await using GnomeCalls gnome = await GnomeCalls.StartAsync(account, network, Cancel);
        await using Baresip bob = await StartBobAsync(network);
        await gnome.RegisteredAsync(Cancel);
        await CallEachOtherAsync(gnome, bob, "101", "102", PhoneEncryption.Preferred);
    }

    [Fact]
    public async Task GNOME_Calls_learns_that_its_password_is_wrong()
    {
        PhoneAccount account = fixture.Phones.Account("102", SipTransport.Tls) with { Domain = fixture.Phones.Host, Password = "wrong" };
        await using GnomeCalls gnome = await GnomeCalls.StartAsync(account, cancel: Cancel);
        await gnome.RefusedAsync(Cancel);
    }

    private static async Task CallEachOtherAsync(GnomeCalls gnome, Baresip bob, string bobsNumber, string gnomesNumber, PhoneEncryption encryption)
    {
        IRealCall atGnome = await gnome.DialAsync(bobsNumber, Cancel);
        IRealCall atBob = await bob.IncomingAsync(Cancel);
        await atBob.AnswerAsync(Cancel);
        await atGnome.AnsweredAsync(Cancel);
        await Talk.HearEachOtherAsync(atGnome, 440, atBob, 620, Cancel);
        Assert.Equal(encryption != PhoneEncryption.Never, gnome.MediaEncrypted);
        await atGnome.HangUpAsync(Cancel);
        await atBob.EndedAsync(Cancel);

        atBob = await bob.DialAsync(gnomesNumber, Cancel);
        atGnome = await gnome.IncomingAsync(Cancel);
        await atGnome.AnswerAsync(Cancel);
        await atBob.AnsweredAsync(Cancel);
        await Talk.HearEachOtherAsync(atGnome, 440, atBob, 620, Cancel);
        Assert.Equal(encryption != PhoneEncryption.Never, gnome.MediaEncrypted);
        await atBob.HangUpAsync(Cancel);
        await atGnome.EndedAsync(Cancel);
    }

    private async Task<Baresip> StartBobAsync(PhoneNetwork? network)
    {
        PhoneAccount account = fixture.Phones.Account("101", SipTransport.Tls, PhoneEncryption.Required) with { ToneHertz = 620 };
        if (network is not null) account = account with { Server = network.PbxAddress.ToString() };
        Baresip bob = await Baresip.StartAsync(account, network, Cancel);
        await bob.RegisteredAsync(Cancel);
        return bob;
    }
}
