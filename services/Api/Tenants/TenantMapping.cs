using CloudPbx.Api.Bodies;
using CloudPbx.Api.Platform;
using CloudPbx.Contracts.Api;
using CloudPbx.Data.Tenants;

namespace CloudPbx.Api.Tenants;

internal static class TenantMapping
{
    public static TenantDto ToDto(this Tenant tenant) => new()
    {
        Id = tenant.Id,
        Name = tenant.Name,
        DisplayName = tenant.DisplayName,
        ResellerId = tenant.ResellerId,
        SuspendedAt = tenant.SuspendedAt,
        Language = tenant.Language,
        RingSeconds = tenant.RingSeconds,
        HoldMusic = tenant.HoldMusic,
        Announcements = tenant.Announcements,
        RecordingDays = tenant.RecordingDays,
        AllowSupervision = tenant.AllowSupervision,
        RecordingNotice = tenant.RecordingNotice,
        HoldMusicPrompt = tenant.HoldMusicPrompt,
        RecordingNoticePrompt = tenant.RecordingNoticePrompt,
        IsDefault = tenant.IsDefault,
        ConfigVersion = tenant.ConfigVersion,
        CreatedAt = tenant.CreatedAt,
    };

    public static NewTenant ReadTenant(this ObjectReader reader, PlatformSettings platform)
    {
        NewTenant tenant = new()
        {
            Name = reader.Required("name", Rules.TenantName),
            Language = reader.Optional("language", Rules.Language),
            RingSeconds = reader.OptionalInteger("ringSeconds", Rules.LeastRingSeconds, Rules.MostRingSeconds),
            HoldMusic = reader.OptionalBoolean("holdMusic"),
            Announcements = reader.OptionalBoolean("announcements"),
            RecordingDays = reader.OptionalInteger("recordingDays", 1, Rules.MostRecordingDays),
            AllowSupervision = reader.OptionalBoolean("allowSupervision"),
            RecordingNotice = reader.OptionalEnum<RecordingNotice>("recordingNotice"),
            HoldMusicPrompt = reader.Optional("holdMusicPrompt", Rules.PromptName),
            RecordingNoticePrompt = reader.Optional("recordingNoticePrompt", Rules.PromptName),
            IsDefault = reader.OptionalBoolean("isDefault"),
        };
        if (SettingsEndpoints.RecordingDaysFault(tenant.RecordingDays, platform) is { } wrong)
            reader.Fault("recordingDays", wrong);
        return tenant;
    }

    /// <summary>Writes a request over a row; gives whether anything is different now.</summary>
    public static bool Apply(this Tenant row, NewTenant wish, PlatformSettings platform)
    {
        (string, string, int, bool, bool, int?, bool, RecordingNotice, bool, string?, string?) before = Values(row);
        row.Name = wish.Name;
        row.Language = wish.Language ?? platform.Language ?? Rules.DefaultLanguage;
        row.RingSeconds = wish.RingSeconds ?? Tenant.DefaultRingSeconds;
        row.HoldMusic = wish.HoldMusic ?? true;
        row.Announcements = wish.Announcements ?? false;
        row.RecordingDays = wish.RecordingDays;
        row.AllowSupervision = wish.AllowSupervision ?? false;
        row.RecordingNotice = wish.RecordingNotice ?? RecordingNotice.None;
        row.HoldMusicPrompt = wish.HoldMusicPrompt;
        row.RecordingNoticePrompt = wish.RecordingNoticePrompt;
        row.IsDefault = wish.IsDefault ?? false;
        return before != Values(row);
    }

    private static (string, string, int, bool, bool, int?, bool, RecordingNotice, bool, string?, string?) Values(Tenant row) =>
        (row.Name, row.Language, row.RingSeconds, row.HoldMusic, row.Announcements, row.RecordingDays, row.AllowSupervision, row.RecordingNotice, row.IsDefault, row.HoldMusicPrompt, row.RecordingNoticePrompt);
}
