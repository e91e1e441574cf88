using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Tests.Harness;
using CloudPbx.Sip.Transactions;
using CloudPbx.Sip.UserAgents;

namespace CloudPbx.Sip.Tests.UserAgents;

public class RegistrationTests
{
    [Fact]
    public void The_granted_life_of_our_own_Contact_counts_and_is_refreshed()             // §10.2.4, I34
    {
        using World world = new();
        List<SipRequest> seen = Registrar(world, request => Ok(request, "<sip:other@192.0.2.7>;expires=5", $"{request.Contacts[0]};expires=120"));
        world.Run(async () =>
        {
            RegistrationClient client = Client(world);
            RegistrationState state = await client.RegisterAsync();
            Assert.True(state.IsRegistered);
            Assert.Equal(world.Pump.Time.GetUtcNow().AddSeconds(120), state.ExpiresAt);
            await world.Wait(100);
            Assert.Equal(2, seen.Count);
            await client.UnregisterAsync();
            await world.Wait(300);
            Assert.Equal(3, seen.Count);
        }, 500);
        Assert.Equal(["3600", "3600", "0"], seen.Select(request => request.Headers.Get(SipHeaderName.Expires)));
        Assert.Single(seen.Select(request => request.CallId).Distinct());
        Assert.Equal([1u, 1u], seen.Zip(seen.Skip(1), (a, b) => b.CSeq.Number - a.CSeq.Number));
        Assert.All(seen, request => Assert.Null(request.RequestUri.User));
    }

    [Fact]
    public void A_423_is_tried_again_at_once_with_the_wanted_life()           // §10.2.8, I34
    {
        using World world = new();
        List<SipRequest> seen = Registrar(world, request =>
        {
            if (request.Expires >= 7200)
                return Ok(request, $"{request.Contacts[0]};expires=7200");
            SipResponse brief = SipResponse.For(request, 423, toTag: "t");
            brief.Headers.Add(SipHeaderName.MinExpires, "7200");
            return brief;
        });
        world.Run(async () => Assert.True((await Client(world).RegisterAsync()).IsRegistered));
        Assert.Equal([3600u, 7200u], seen.Select(request => request.Expires!.Value));
    }

    [Fact]
    public void A_200_without_expires_grants_what_was_asked()                 // I34
    {
        using World world = new();
        Registrar(world, request => Ok(request, request.Contacts[0].ToString()));
        world.Run(async () =>
        {
            RegistrationState state = await Client(world).RegisterAsync();
            Assert.Equal(world.Pump.Time.GetUtcNow().AddSeconds(3600), state.ExpiresAt);
        });
    }

    [Fact]
    public void A_refusal_is_tried_again_after_growing_times_or_when_the_registrar_says()
    {
        using World world = new();
        List<double> times = [];
        Registrar(world, request =>
        {
            times.Add(Math.Round(world.Pump.Now.TotalSeconds));
            SipResponse response = SipResponse.For(request, times.Count == 3 ? 503 : 403, toTag: "t");
            if (times.Count == 3)
                response.Headers.Add(SipHeaderName.RetryAfter, "7 (busy)");
            return response;
        });
        world.Run(async () =>
        {
            RegistrationClient client = Client(world);
            int changes = 0;
            client.Changed += _ => changes++;
            Assert.Equal((false, 403), ((await client.RegisterAsync()) is { } state ? (state.IsRegistered, state.StatusCode) : default));
            await world.Wait(110);
            Assert.Equal([0, 30, 90, 97], times);
            Assert.Equal(4, changes);
            client.Stop();
            await world.Wait(600);
            Assert.Equal(4, times.Count);
        }, 1000);
    }

    [Fact]
    public void A_failed_refresh_leaves_the_binding_until_it_expires()
    {
        using World world = new();
        Registrar(world, request => Ok(request, $"{request.Contacts[0]};expires=400"));
        world.Run(async () =>
        {
            RegistrationClient client = Client(world);
            await client.RegisterAsync();
            world.FlowA.IsBroken = true;
            await world.Wait(310);
            Assert.Equal((true, 503), (client.State.IsRegistered, client.State.StatusCode));
            await world.Wait(200);
            Assert.False(client.State.IsRegistered);
            world.FlowA.IsBroken = false;
            await world.Wait(500);
            Assert.True(client.State.IsRegistered);
            client.Stop();
        }, 2000);
    }

    [Theory]
    [InlineData(500, "300", 300)]
    [InlineData(503, "300", 300)]
    [InlineData(503, "86400", 3600)]
    public void A_registrar_that_wants_to_be_left_in_peace_is_even_when_the_binding_ends_meanwhile(int status, string retryAfter, int seconds)      // §20.33, I28
    {
        using World world = new();
        List<SipRequest> seen = [];
        seen = Registrar(world, request =>
        {
            if (seen.Count != 2)
                return Ok(request, $"{request.Contacts[0]};expires=100");
            SipResponse busy = SipResponse.For(request, status, toTag: "t");
            busy.Headers.Add(SipHeaderName.RetryAfter, retryAfter);
            return busy;
        });
        world.Run(async () =>
        {
            RegistrationClient client = Client(world);
            await client.RegisterAsync();
            await world.Wait(76);
            Assert.Equal((true, status, TimeSpan.FromSeconds(seconds)), (client.State.IsRegistered, client.State.StatusCode, client.State.RetryAfter));
            await world.Wait(26);
            Assert.Equal((false, status), (client.State.IsRegistered, client.State.StatusCode));
            await world.Wait(seconds - 30);
            Assert.Equal(2, seen.Count);
            await world.Wait(5);
            Assert.Equal(3, seen.Count);
            Assert.True(client.State.IsRegistered);
            client.Stop();
        }, 5000);
    }

    [Fact]
    public void Without_a_flow_the_state_says_so()
    {
        using World world = new();
        world.Run(async () =>
        {
            RegistrationClient client = Client(world, hasFlow: false);
            Assert.Equal(503, (await client.RegisterAsync()).StatusCode);
            client.Stop();
        });
    }

    private static RegistrationClient Client(World world, bool hasFlow = true) => new(world.Alice.Layer, new RegistrationOptions
    {
        Registrar = SipUri.Parse("sip:sip.test"),
        AddressOfRecord = world.Alice.Address,
        Contact = world.Alice.Contact,
        Flow = () => hasFlow ? world.Alice.Flow : null,
    });

    private static SipResponse Ok(SipRequest request, params string[] contacts)
    {
        SipResponse response = SipResponse.For(request, 200, null, "t");
        foreach (string contact in contacts)
            response.Headers.Add(SipHeaderName.Contact, contact);
        return response;
    }

    private static List<SipRequest> Registrar(World world, Func<SipRequest, SipResponse> answer)
    {
        List<SipRequest> seen = [];
        world.Bob.RequestFilter = (ServerTransaction transaction) =>
        {
            seen.Add(transaction.Request);
            transaction.Respond(answer(transaction.Request));
            return true;
        };
        return seen;
    }
}
