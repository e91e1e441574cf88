using System.Globalization;
using System.Text;
using System.Text.Json;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Tenancy;
using CsCheck;

namespace CloudPbx.Contracts.Tests;

public sealed class EntityIdTests
{
    [Fact]
    public void Every_identifier_reads_back_from_its_text() => Gen.Guid.Sample(value =>
    {
        TenantId id = new(value);
        string text = id.ToString();
        Assert.Matches("^[0-9a-f]{32}\\z", text);
        Assert.True(TenantId.TryParse(text.AsSpan(), out TenantId read) && read == id);
        Assert.True(TenantId.TryParse(Encoding.ASCII.GetBytes(text), out read) && read == id);
        Assert.Equal(id, TenantId.Parse(text.ToUpperInvariant(), CultureInfo.InvariantCulture));
        Span<byte> octets = stackalloc byte[32];
        Assert.True(id.TryFormat(octets, out int written) && written == 32 && octets.SequenceEqual(Encoding.ASCII.GetBytes(text)));
        Assert.Equal($"\"{text}\"", JsonSerializer.Serialize(id));
        Assert.Equal(id, JsonSerializer.Deserialize<TenantId>($"\"{text}\""));
    });

    [Fact]
    public void Characters_and_octets_are_judged_alike_and_nothing_throws() => Gen.String[Gen.Char["0123456789abcdefABCDEF-g \0"], 0, 40].Sample(text =>
        Assert.Equal(DeviceId.TryParse(text.AsSpan(), out DeviceId a), DeviceId.TryParse(Encoding.ASCII.GetBytes(text), out DeviceId b) && a == b));

    [Theory]
    [InlineData("")]
    [InlineData("0192f0a0-0000-7000-8000-000000000001")]
    [InlineData("0192f0a000007000800000000000000g")]
    [InlineData("0192f0a0000070008000000000000001 ")]
    [InlineData(" 192f0a0000070008000000000000001")]
    public void Anything_but_32_hexadecimal_digits_is_refused(string text)
    {
        Assert.False(CallId.TryParse(text.AsSpan(), out CallId id));
        Assert.Equal(default, id);
        Assert.False(CallId.TryParse(Encoding.ASCII.GetBytes(text), out _));
        Assert.Throws<FormatException>(() => CallId.Parse(text, CultureInfo.InvariantCulture));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<CallId>(JsonSerializer.Serialize(text)));
    }

    [Fact]
    public void New_identifiers_are_UUIDv7_of_this_instant()                            // RFC 9562 §5.7
    {
        long before = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        Guid value = CallId.New().Value;
        Assert.Equal(7, value.Version);
        byte[] octets = value.ToByteArray(bigEndian: true);
        long milliseconds = (long)octets[0] << 40 | (long)octets[1] << 32 | (long)octets[2] << 24 | (long)octets[3] << 16 | (long)octets[4] << 8 | octets[5];
        Assert.InRange(milliseconds, before, before + 60_000);
    }

    [Fact]
    public void Enums_are_names_in_camel_case_and_never_numbers()
    {
        Assert.Equal("\"noAnswer\"", JsonSerializer.Serialize(CallDisposition.NoAnswer));
        Assert.Equal(SrtpPolicy.Required, JsonSerializer.Deserialize<SrtpPolicy>("\"required\""));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<SrtpPolicy>("1"));
    }

    [Fact]
    public void A_scope_works_for_one_tenant()
    {
        TenantContext context = new();
        Assert.False(context.IsSet);
        Assert.Throws<InvalidOperationException>(() => context.TenantId);
        TenantId tenant = TenantId.New();
        context.Enter(tenant);
        context.Enter(tenant);
        Assert.Equal(tenant, context.TenantId);
        Assert.Throws<InvalidOperationException>(() => context.Enter(TenantId.New()));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TenantContext(default));
    }

    [Fact]
    public void A_call_ended_survives_the_bus()
    {
        CallEnded ended = new()
        {
            TenantId = TenantId.New(),
            CallId = CallId.New(),
            CallerNumber = "100",
            CalledNumber = "101",
            Disposition = CallDisposition.Busy,
            StartedAt = new DateTime(2026, 11, 23, 8, 0, 0, 123, DateTimeKind.Utc),
            EndedAt = new DateTime(2026, 11, 23, 8, 0, 1, DateTimeKind.Utc),
            SipStatus = 486,
            Media = [new LegMedia { Party = CallParty.Caller, Codec = "opus", JitterMilliseconds = 0.25 }],
            Steps = [new DecisionStep("dialled", "101")],
        };
        CallEnded read = JsonSerializer.Deserialize<CallEnded>(JsonSerializer.Serialize(ended, JsonSerializerOptions.Web), JsonSerializerOptions.Web)!;
        Assert.Equal(ended with { Media = [], Recordings = [], Steps = [] }, read with { Media = [], Recordings = [], Steps = [] });
        Assert.Equal(ended.Media, read.Media);
        Assert.Equal(ended.Recordings, read.Recordings);
        Assert.Equal(ended.Steps, read.Steps);
        Assert.Equal(DateTimeKind.Utc, read.StartedAt.Kind);
    }
}
