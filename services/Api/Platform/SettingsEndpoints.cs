using System.Globalization;
using System.Text.Json;
using CloudPbx.Api.Access;
using CloudPbx.Api.Bodies;
using CloudPbx.Api.Trunks;
using CloudPbx.Contracts.Api;
using CloudPbx.Data;
using CloudPbx.Data.Platform;
using CloudPbx.Data.Resellers;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudPbx.Api.Platform;

/// <summary>What holds for the whole platform: the operator's. A change acts at once, on every instance.</summary>
internal static partial class SettingsEndpoints
{
    public static void MapPlatformSettings(this RouteGroupBuilder platform)
    {
        RouteGroupBuilder group = platform.MapGroup("/settings").WithTags("Platform");
        group.MapGet("/", GetAsync).WithName("GetPlatformSettings");
        group.MapPut("/", ChangeAsync).WithName("ChangePlatformSettings").Takes<PlatformSettings>()
            .WithSummary("Changes the platform's settings; what is absent is as by itself. It acts at once: nothing has to be started again.");
    }

    /// <summary>What is wrong with a tenant's days of recordings under the platform's limit, or null.</summary>
    public static string? RecordingDaysFault(int? days, PlatformSettings settings) => days > settings.MostRecordingDays
        ? string.Create(CultureInfo.InvariantCulture, $"Must be {settings.MostRecordingDays} or fewer: this platform keeps recordings no longer.")
        : null;

    internal static async Task<Ok<PlatformSettings>> GetAsync(HttpContext http, PlatformSettingsStore store, CancellationToken cancel)
    {
        GlobalSettings row = await store.FindAsync(cancel);
        EntityTags.Write(http, row);
        return TypedResults.Ok(Whole(row.Settings));
    }

    internal static async Task<Results<Ok<PlatformSettings>, ProblemHttpResult>> ChangeAsync(
        HttpContext http, JsonBody body, Caller caller, PlatformSettingsStore store, ResellerStore plans, ILoggerFactory logging, CancellationToken cancel)
    {
        RequestErrors errors = new();
        ObjectReader reader = body.Read(errors);
        PlatformSettings wish = new()
        {
            SignUp = reader.OptionalBoolean("signUp"),
            SignUpPlan = reader.Optional("signUpPlan", Rules.TenantName),
            Language = reader.Optional("language", Rules.Language),
            MostRecordingDays = reader.OptionalInteger("mostRecordingDays", 1, Rules.MostRecordingDays),
            EmergencyNumbers = reader.Texts("emergencyNumbers", TrunkRules.EmergencyNumber, 32),
            Support = reader.Optional("support", Rules.Support),
        };
        reader.Finish();
        if (wish.SignUpPlan is { } plan && !errors.Any && await plans.FindPlanAsync(plan, cancel) is not { ForSignUp: true })
            errors.Add("$.signUpPlan", "Must be the name of a plan that is for sign-ups: /v1/plans lists them.");
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        GlobalSettings row = await store.FindAsync(cancel);
        if (!EntityTags.Allow(http, row))
            return Answers.ChangedSinceRead();
        row.Settings = wish;
        if (await store.SaveAsync(row, cancel) != SaveOutcome.Saved)
            return Answers.Conflict();
        LogChanged(logging.CreateLogger("CloudPbx.Api.Platform"), caller.Name, JsonSerializer.Serialize(wish, JsonSerializerOptions.Web));
        EntityTags.Write(http, row);
        return TypedResults.Ok(Whole(wish));
    }

    // What is as by itself is said as well.
    private static PlatformSettings Whole(PlatformSettings settings) => settings with { SignUp = settings.SignUp ?? true, Language = settings.Language ?? Rules.DefaultLanguage };

    [LoggerMessage(LogLevel.Information, "{Name} changed the platform's settings: {Settings}")]
    private static partial void LogChanged(ILogger logger, string name, string settings);
}
