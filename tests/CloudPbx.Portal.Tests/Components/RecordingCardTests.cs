using System.Net;
using Bunit;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Portal.Components.Shared;

namespace CloudPbx.Portal.Tests.Components;

public sealed class RecordingCardTests
{
    private static readonly RecordingDto s_recording = new()
    {
        Id = RecordingId.New(), CallId = CallId.New(), StartedAt = DateTime.UnixEpoch, DurationSeconds = 12, From = "100", To = "101", Direction = CallDirection.Internal, Partial = false, Gaps = 0,
        ConcealedMilliseconds = 0, Notes = [],
    };

    [Theory]
    [InlineData(true, "Link copied.")]
    [InlineData(false, "Link made.")]
    public async Task A_link_is_made_copied_and_told_how_long_it_lives(bool clipboard, string words)
    {
        await using PortalContext context = new();
        const string Address = "https://localhost:8443/v1/recording-links/sealed";
        context.Api.On($"POST /v1/tenants/acme/recordings/{s_recording.Id}/link", new RecordingLinkDto(Address, new DateTime(2026, 1, 2, 14, 5, 0, DateTimeKind.Utc)), HttpStatusCode.Created);
        context.Bunit.JSInterop.Setup<bool>("cloudpbx.copy", Address).SetResult(clipboard);
        var card = context.Bunit.Render<RecordingCard>(parameters => parameters.Add(c => c.Tenant, "acme").Add(c => c.Recording, s_recording));
        card.Find("[data-testid=link]").Click();
        string told = card.WaitForElement("[data-testid=linked]").TextContent;
        card.WaitForAssertion(() => Assert.Contains(words, card.Find("[data-testid=linked]").TextContent, StringComparison.Ordinal));
        Assert.Contains("five minutes", told, StringComparison.Ordinal);
        Assert.Contains("14:05", told, StringComparison.Ordinal);
        Assert.Equal(Address, card.Find("[data-field=recording-link]").TextContent);        // to copy by hand, too
    }

    [Fact]
    public async Task A_refusal_is_told_and_there_is_no_link()
    {
        await using PortalContext context = new();
        context.Api.OnProblem($"POST /v1/tenants/acme/recordings/{s_recording.Id}/link", 404, "not-found");
        var card = context.Bunit.Render<RecordingCard>(parameters => parameters.Add(c => c.Tenant, "acme").Add(c => c.Recording, s_recording));
        card.Find("[data-testid=link]").Click();
        Assert.Empty(card.FindAll("[data-testid=linked]"));
        Assert.DoesNotContain(context.Bunit.JSInterop.Invocations, call => call.Identifier == "cloudpbx.copy");
    }
}
