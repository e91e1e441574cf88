using System.Net;
using System.Net.Sockets;
using CloudPbx.Api.Webhooks;
using CloudPbx.Hosting.Web.Outbound;
using Microsoft.Extensions.Options;

namespace CloudPbx.Api.Tests.Webhooks;

/// <summary>Where webhooks may go (SECURITY.md S27).</summary>
public sealed class TargetTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("93.184.216.34", true)]
    [InlineData("2606:2800:220:1::1", true)]
    [InlineData("127.0.0.1", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("10.1.2.3", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("172.31.255.255", false)]
    [InlineData("192.168.1.1", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("::", false)]
    [InlineData("::1", false)]
    [InlineData("::ffff:127.0.0.1", false)]
    [InlineData("::ffff:169.254.169.254", false)]
    [InlineData("64:ff9b::7f00:1", false)]
    [InlineData("fe80::1", false)]
    [InlineData("fd00::1", false)]
    [InlineData("ff02::1", false)]
    [InlineData("2002:7f00:1::", false)]
    public void S27_only_public_addresses_are_connected_to(string address, bool allowed) => Assert.Equal(allowed, Policy().Allows(IPAddress.Parse(address)));

    [Fact]
    public void What_the_operator_names_is_allowed_and_nothing_beside_it()
    {
        TargetPolicy policy = Policy("10.1.2.0/24");
        Assert.True(policy.Allows(IPAddress.Parse("10.1.2.3")));
        Assert.True(policy.Allows(IPAddress.Parse("::ffff:10.1.2.3")));
        Assert.False(policy.Allows(IPAddress.Parse("10.1.3.3")));
    }

    [Fact]
    public async Task S27_a_name_that_leads_elsewhere_by_the_time_of_the_connection_is_not_connected_to()
    {
        using TcpListener inside = new(IPAddress.Loopback, 0);
        inside.Start();
        RebindingNames names = new();
        IOptions<WebhookOptions> options = Options.Create(new WebhookOptions { AllowHttp = true });
        WebhookTargets targets = new(names, options);
        Uri url = new($"http://rebinding.example:{((IPEndPoint)inside.LocalEndpoint).Port}/");
        Assert.Null(await targets.FaultAsync(url, Cancel));       // public when the webhook is made
        names.Address = IPAddress.Loopback;                       // and ours when it is sent
        using HttpClient client = new(new SocketsHttpHandler { UseProxy = false, ConnectCallback = targets.ConnectAsync });
        HttpRequestException refused = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(url, Cancel));
        Assert.IsType<TargetRefusedException>(refused.GetBaseException());
        Assert.False(inside.Pending());
        Assert.Equal(2, names.Asked);
    }

    private static TargetPolicy Policy(params string[] networks) => new(networks);

    private sealed class RebindingNames : ITargetNames
    {
        public IPAddress Address { get; set; } = IPAddress.Parse("93.184.216.34");

        public int Asked { get; private set; }

        public Task<IPAddress[]> FindAsync(string host, CancellationToken cancel)
        {
            Asked++;
            return Task.FromResult<IPAddress[]>([Address]);
        }
    }
}
