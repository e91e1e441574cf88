using System.Net;
using CloudPbx.Hosting.Web.Outbound;

namespace CloudPbx.Identity.Tests.Hosting;

/// <summary>Names lead to a public address, but for those that begin with <c>inside</c>.</summary>
internal sealed class TestNames : ITargetNames
{
    public Task<IPAddress[]> FindAsync(string host, CancellationToken cancel) =>
        Task.FromResult<IPAddress[]>([IPAddress.Parse(host.StartsWith("inside", StringComparison.Ordinal) ? "10.0.0.1" : "93.184.216.34")]);
}
