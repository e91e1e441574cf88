using System.Text.Json;
using CloudPbx.Sdp;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transport;
using CloudPbx.Sip.UserAgents;
using CloudPbx.Softphone;

namespace CloudPbx.Scenarios.BuiltIn;

[Collection(BuiltInPhonesGroup.Name)]
public sealed class RegistrationScenarios(ProductFixture fixture)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(SipTransport.Udp)]
    [InlineData(SipTransport.Tcp)]
    [InlineData(SipTransport.Tls)]
    public async Task A_phone_registers_is_listed_and_unregisters(SipTransport transport)
    {
        await using Company company = await Company.FoundAsync(fixture.Pbx, Cancel);
        Phone phone = await company.RegisterAsync("100", transport);
        JsonElement listed = Assert.Single(await company.RegistrationsAsync(Cancel));
        Assert.Equal("100", listed.GetProperty("extension").GetString());
        Assert.Equal(transport.ToString(), listed.GetProperty("transport").GetString(), ignoreCase: true);
        Assert.Equal("CloudPbx softphone", listed.GetProperty("userAgent").GetString());
        await phone.UnregisterAsync();
        Assert.Empty(await company.RegistrationsAsync(Cancel));
    }

    [Fact]
    public async Task A_wrong_password_and_an_unknown_user_get_the_same_answer()
    {
        await using Company company = await Company.FoundAsync(fixture.Pbx, Cancel);
        Phone wrong = await company.StartAsync(company.Account("100") with { Password = "wrong" });
        Phone unknown = await company.StartAsync(company.Account("100") with { User = "199", Password = "wrong" });
        RegistrationState[] states = await Task.WhenAll(wrong.RegisterAsync(), unknown.RegisterAsync()).WaitAsync(Deadlines.Signalling);
        Assert.False(states[0].IsRegistered);
        Assert.Equal(states[0].StatusCode, states[1].StatusCode);
        Assert.Equal(states[0].ReasonPhrase, states[1].ReasonPhrase);
        Assert.Empty(await company.RegistrationsAsync(Cancel));
    }

    [Fact]
    public async Task A_foreign_domain_is_404()
    {
        await using Company company = await Company.FoundAsync(fixture.Pbx, Cancel);
        Phone phone = await company.StartAsync(company.Account("100", SipTransport.Udp) with { Domain = "elsewhere.example" });
        Assert.Equal(404, (await phone.RegisterAsync().WaitAsync(Deadlines.Signalling)).StatusCode);
    }

    [Fact]
    public async Task An_account_of_another_company_is_unknown()
    {
        await using Company one = await Company.FoundAsync(fixture.Pbx, Cancel), other = await Company.FoundAsync(fixture.Pbx, Cancel);
        Phone phone = await one.StartAsync(one.Account("100", SipTransport.Udp) with { Domain = other.Domain });        // the right password, for elsewhere
        Assert.False((await phone.RegisterAsync().WaitAsync(Deadlines.Signalling)).IsRegistered);
        Assert.Empty(await other.RegistrationsAsync(Cancel));
    }

    [Fact]
    public async Task A_phone_with_the_machines_address_as_its_server_belongs_to_the_default_tenant()
    {
        IReadOnlyList<(string Domain, string Password)> accounts = [("127.0.0.1", fixture.Phones.PasswordOf("105")), (fixture.Phones.Domain, fixture.Phones.PasswordOf("105"))];
        await using Company company = await Company.FoundAsync(fixture.Pbx, Cancel);
        foreach ((string domain, string password) in accounts)
        {
            Phone phone = await company.StartAsync(company.Account("100", SipTransport.Udp) with { Domain = domain, User = "105", Password = password });
            RegistrationState state = await phone.RegisterAsync().WaitAsync(Deadlines.Signalling);
            Assert.True(state.IsRegistered, $"{domain}: {state.StatusCode} {state.ReasonPhrase}");
        }
    }

    [Fact]
    public async Task Nothing_is_done_for_a_caller_without_credentials()
    {
        await using Company company = await Company.FoundAsync(fixture.Pbx, Cancel);
        Phone bob = await company.RegisterAsync("101", SipTransport.Udp, SrtpPolicy.Off);
        Phone stranger = await company.StartAsync(company.Account("100", SipTransport.Udp, SrtpPolicy.Off) with { Password = "guessed" });
        PhoneCall call = await stranger.DialAsync("101");
        Assert.InRange((await call.Ended.WaitAsync(Deadlines.Signalling)).StatusCode, 401, 407);
        SipResponse message = await stranger.RequestAsync(SipMethod.Message, SipUri.Parse($"sip:101@{company.Domain}"), MessageBody.Sdp("")).WaitAsync(Deadlines.Signalling);
        Assert.InRange(message.StatusCode, 401, 407);
        Assert.NotNull(bob);
    }
}
