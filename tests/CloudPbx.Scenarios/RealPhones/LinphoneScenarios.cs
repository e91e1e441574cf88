using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CloudPbx.Sip.Transport;
using CloudPbx.TestKit.Phones;

namespace CloudPbx.Scenarios.RealPhones;

[Collection(RealPhonesGroup.Name)]
public sealed class LinphoneScenarios(ProductFixture fixture)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>With the domain, or just the machine's address, as its server; over TLS it verifies authority and name.</summary>
    [Theory]
    [InlineData(SipTransport.Tls, PhoneEncryption.Required, "localhost", false)]
    [InlineData(SipTransport.Tls, PhoneEncryption.Preferred, "127.0.0.1", true)]
    [InlineData(SipTransport.Tcp, PhoneEncryption.Preferred, "127.0.0.1", false)]
    [InlineData(SipTransport.Udp, PhoneEncryption.Never, "127.0.0.1", true)]
    public async Task Linphone_registers_calls_and_is_called(SipTransport transport, PhoneEncryption encryption, string server, bool withoutDomain)
    {
        await using Linphone alice = await StartAsync(transport, encryption, server, withoutDomain ? server : fixture.Phones.Domain);
        await using Baresip bob = await StartBobAsync();

        IRealCall atAlice = await alice.DialAsync("101", Cancel);
        IRealCall atBob = await bob.IncomingAsync(Cancel);
        await atBob.AnswerAsync(Cancel);
        await atAlice.AnsweredAsync(Cancel);
        await Talk.HearEachOtherAsync(atAlice, 440, atBob, 620, Cancel);
        Assert.Equal(encryption != PhoneEncryption.Never, alice.MediaEncrypted);
        await atAlice.HangUpAsync(Cancel);
        await atBob.EndedAsync(Cancel);
        await atAlice.EndedAsync(Cancel);

        atBob = await bob.DialAsync("102", Cancel);
        atAlice = await alice.IncomingAsync(Cancel);
        await atAlice.AnswerAsync(Cancel);
        await atBob.AnsweredAsync(Cancel);
        await Talk.HearEachOtherAsync(atAlice, 440, atBob, 620, Cancel);
        await atBob.HangUpAsync(Cancel);
        await atAlice.EndedAsync(Cancel);
    }

    [Fact]
    public async Task Linphone_holds_and_resumes()
    {
        await using Linphone alice = await StartAsync(SipTransport.Tls, PhoneEncryption.Required, "localhost", fixture.Phones.Domain);
        await using Baresip bob = await StartBobAsync();
        LinphoneCall atAlice = (LinphoneCall)await alice.DialAsync("101", Cancel);
        IRealCall atBob = await bob.IncomingAsync(Cancel);
        await atBob.AnswerAsync(Cancel);
        await atAlice.AnsweredAsync(Cancel);
        await Talk.HearsAsync(atBob, 440, Cancel);
        await atAlice.HoldAsync(Cancel);
        await atAlice.ResumeAsync(Cancel);
        await Talk.HearEachOtherAsync(atAlice, 440, atBob, 620, Cancel);
        await atBob.HangUpAsync(Cancel);
        await atAlice.EndedAsync(Cancel);
    }

    /// <summary>S28: a phone that knows nothing but a link fetches its account, registers and calls; the link is over for everybody else.</summary>
    [Fact]
    public async Task Linphone_fetches_its_account_from_a_link_registers_and_calls()
    {
        await fixture.Phones.Api.PostAsync("tenants/acme/extensions", """{"number":"177","displayName":"Scanned \"one\""}""", Cancel);
        string device = (await fixture.Phones.Api.PostAsync("tenants/acme/devices", """{"extension":"177"}""", Cancel)).GetProperty("id").GetString()!;
        Uri link = new((await fixture.Phones.Api.PostAsync($"tenants/acme/devices/{device}/provisioning", "{}", Cancel)).GetProperty("url").GetString()!);
        await using Linphone scanned = await Linphone.ProvisionAsync(link, fixture.Phones.CaFile, 440, Cancel);
        await using Baresip bob = await StartBobAsync();
        IRealCall atScanned = await scanned.DialAsync("101", Cancel);
        IRealCall atBob = await bob.IncomingAsync(Cancel);
        await atBob.AnswerAsync(Cancel);
        await atScanned.AnsweredAsync(Cancel);
        await Talk.HearEachOtherAsync(atScanned, 440, atBob, 620, Cancel);
        Assert.True(scanned.MediaEncrypted);
        await atScanned.HangUpAsync(Cancel);
        await atBob.EndedAsync(Cancel);
        Assert.Equal(404, (await fixture.Phones.Api.PageAsync(link.AbsolutePath, Cancel)).Status);         // another address: this machine's socket
    }

    /// <summary>A phone that verifies shows that the others do not just look away.</summary>
    [Theory]
    [InlineData("127.0.0.2", false)]        // reached, but not a name of the certificate
    [InlineData("localhost", true)]         // signed by an authority that the phone does not know
    public async Task Linphone_refuses_a_server_that_it_cannot_verify(string server, bool otherAuthority)
    {
        string authority = fixture.Phones.CaFile;
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string foreign = Path.GetTempFileName();
        try
        {
            CertificateRequest request = new("CN=Somebody else", key, HashAlgorithmName.SHA256);
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
            using X509Certificate2 other = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
            await File.WriteAllTextAsync(foreign, other.ExportCertificatePem(), Cancel);
            PhoneAccount account = fixture.Phones.Account("102", SipTransport.Tls) with { Server = server, CaFile = otherAuthority ? foreign : authority };
            await using Linphone phone = await Linphone.StartAsync(account, cancel: Cancel);
            await phone.RefusedAsync(Cancel);
        }
        finally
        {
            File.Delete(foreign);
        }
    }

    private async Task<Linphone> StartAsync(SipTransport transport, PhoneEncryption encryption, string server, string domain)
    {
        PhoneAccount account = fixture.Phones.Account("102", transport, encryption) with { Server = server, Domain = domain, ToneHertz = 440 };
        Linphone phone = await Linphone.StartAsync(account, cancel: Cancel);
        await phone.RegisteredAsync(Cancel);
        return phone;
    }

    private async Task<Baresip> StartBobAsync()
    {
        Baresip bob = await Baresip.StartAsync(fixture.Phones.Account("101", SipTransport.Tls, PhoneEncryption.Required) with { ToneHertz = 620 }, cancel: Cancel);
        await bob.RegisteredAsync(Cancel);
        return bob;
    }
}
