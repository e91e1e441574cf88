using CloudPbx.Contracts.Api;
using CloudPbx.Data.Recordings;

namespace CloudPbx.Api.Recordings;

internal static class RecordingMapping
{
    public static RecordingDto ToDto(this Recording recording) => new()
    {
        Id = recording.Id,
        CallId = recording.CallId,
        StartedAt = recording.StartedAt,
        DurationSeconds = recording.DurationMilliseconds / 1000.0,
        From = recording.CallerNumber,
        To = recording.CalledNumber,
        Direction = recording.Direction,
        Partial = recording.IsPartial,
        Gaps = recording.Gaps,
        ConcealedMilliseconds = recording.ConcealedMilliseconds,
        Sha256 = recording.Sha256,
        Notes = recording.Notes,
    };
}
