using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Events;

namespace CloudPbx.Portal.Tests.Components;

public sealed class CallRecordCsvTests
{
    [Fact]
    public void A_line_has_the_instants_in_UTC_and_every_column()
    {
        string line = CallRecordCsv.Line(Calls.Record(CallDisposition.NoAnswer, 408, new DateTime(2026, 11, 26, 7, 0, 0, DateTimeKind.Utc)));
        Assert.StartsWith("2026-11-26T07:00:00.000Z,,2026-11-26T07:01:03.000Z,100,,101,,internal,noAnswer,0.000,408,,caller,", line, StringComparison.Ordinal);
    }
}
