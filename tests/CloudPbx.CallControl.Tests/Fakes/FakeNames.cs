using System.Net;
using CloudPbx.Sip.Resolution;

namespace CloudPbx.CallControl.Tests.Fakes;

/// <summary>A DNS that knows hosts only.</summary>
internal sealed class FakeNames : IDnsRecords
{
    public Dictionary<string, List<IPAddress>> Hosts { get; } = [];

    public Task<DnsAnswer<NaptrRecord>> NaptrAsync(string name, CancellationToken cancel) => Task.FromResult(DnsAnswer.Found<NaptrRecord>([], TimeSpan.Zero));

    public Task<DnsAnswer<SrvRecord>> SrvAsync(string name, CancellationToken cancel) => Task.FromResult(DnsAnswer.Found<SrvRecord>([], TimeSpan.Zero));

    public Task<DnsAnswer<IPAddress>> AddressesAsync(string name, CancellationToken cancel) =>
        Task.FromResult(DnsAnswer.Found<IPAddress>(Hosts.GetValueOrDefault(name, []), TimeSpan.Zero));
}
