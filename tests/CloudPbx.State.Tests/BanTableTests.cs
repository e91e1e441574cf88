using System.Text;
using CloudPbx.Contracts.Ids;
using CloudPbx.State.Bans;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace CloudPbx.State.Tests;

/// <summary>S3: a process's memory of the bans.</summary>
public class BanTableTests
{
    private static readonly TenantId s_acme = TenantId.New(), s_globex = TenantId.New();

    private readonly FakeTimeProvider _time = new();
    private readonly BanOptions _options = new();

    private DateTime Soon => _time.GetUtcNow().UtcDateTime.AddMinutes(1);

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1")]
    [InlineData("::ffff:192.0.2.1", "192.0.2.1")]
    [InlineData("2001:db8:0:1:2:3:4:5", "2001:db8:0:1::/64")]
    [InlineData("2001:db8:0:1::/64", "2001:db8:0:1::/64")]
    [InlineData("192.0.2.1/32", "192.0.2.1")]
    [InlineData("192.0.2.0/24", null)]
    [InlineData("everybody", null)]
    [InlineData("", null)]
    public void A_source_is_an_address_or_an_IPv6_network(string text, string? source) =>
        Assert.Equal(source, BanSource.TryParse(text, out BanSource parsed) ? parsed.ToString() : null);

    [Fact]
    public void A_subject_reads_back_as_it_was_written()
    {
        BanSubject[] subjects = [new(Source("192.0.2.1")), new(Source("192.0.2.1"), s_acme, "a b "), new(Source("2001:db8::1"), s_acme, "")];
        Assert.All(subjects, subject => Assert.Equal(subject, BanSubject.TryParse(subject.ToString(), out BanSubject parsed) ? parsed : default));
        Assert.False(BanSubject.TryParse("192.0.2.1 nobody 100", out _));
        Assert.False(BanSubject.TryParse("", out _));
    }

    [Fact]
    public void Only_the_account_from_that_source_is_covered()
    {
        BanTable table = new(Options.Create(_options), _time);
        table.Add(new BanSubject(Source("192.0.2.1"), s_acme, "100"), Soon);
        Assert.True(table.Covers(Source("192.0.2.1"), s_acme, "100"u8));
        Assert.False(table.Covers(Source("192.0.2.1"), s_acme, "101"u8));
        Assert.False(table.Covers(Source("192.0.2.1"), s_globex, "100"u8));
        Assert.False(table.Covers(Source("192.0.2.2"), s_acme, "100"u8));
        Assert.False(table.Covers(Source("192.0.2.1")));
    }

    [Fact]
    public void A_trusted_network_is_never_in_it()
    {
        _options.TrustedNets.Add("10.0.0.0/8");
        BanTable table = new(Options.Create(_options), _time);
        table.Replace([new Ban(new BanSubject(Source("10.1.2.3")), default, Soon, 1), new Ban(new BanSubject(Source("11.1.2.3")), default, Soon, 1)]);
        Assert.False(table.Covers(Source("10.1.2.3")));
        Assert.True(table.Covers(Source("11.1.2.3")));
    }

    [Fact]
    public void It_is_bounded()
    {
        BanTable table = new(Options.Create(_options), _time);
        for (int i = 0; i < BanTable.AccountCapacity * 3; i++)
            table.Add(new BanSubject(Source("192.0.2.1"), s_acme, $"{i}"), Soon.AddSeconds(i));
        Assert.False(table.Covers(Source("192.0.2.1"), s_acme, "0"u8));
        Assert.True(table.Covers(Source("192.0.2.1"), s_acme, Encoding.UTF8.GetBytes($"{BanTable.AccountCapacity * 3 - 1}")));
        for (int i = 0; i < BanTable.Capacity + 100; i++)
            table.Add(new BanSubject(new BanSource((UInt128)(uint)(0x0B000000 + i), false)), Soon);
        Assert.False(table.Covers(new BanSource(0x0B000000 + BanTable.Capacity + 50, false)));
        _time.Advance(TimeSpan.FromDays(1));
        table.Add(new BanSubject(Source("192.0.2.9")), Soon);                            // what is over makes room
        Assert.True(table.Covers(Source("192.0.2.9")));
    }

    [Fact]
    public void Asking_allocates_nothing()
    {
        BanTable table = new(Options.Create(_options), TimeProvider.System);
        table.Add(new BanSubject(Source("192.0.2.1"), s_acme, "100"), DateTime.UtcNow.AddHours(1));
        table.Covers(Source("192.0.2.1"), s_acme, "100"u8);
        BanSource source = Source("192.0.2.1");
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            table.Covers(source);
            table.Covers(source, s_acme, "100"u8);
        }
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static BanSource Source(string text) => BanSource.TryParse(text, out BanSource source) ? source : default;
}
