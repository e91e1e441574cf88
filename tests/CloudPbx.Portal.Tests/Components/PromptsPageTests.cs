using System.Net;
using Bunit;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Portal.Components.Pages.Prompts;
using Microsoft.AspNetCore.Components.Forms;

namespace CloudPbx.Portal.Tests.Components;

public sealed class PromptsPageTests
{
    private static readonly PromptDto s_jazz = new()
    {
        Id = PromptId.New(), Name = "jazz", DurationSeconds = 63, Length = 2_016_000, UploadedAt = new DateTime(2026, 11, 26, 7, 0, 0, DateTimeKind.Utc), Uses = ["hold-music", "conference 800"],
    };

    [Theory]
    [InlineData("en", "No sounds yet")]
    [InlineData("zh-CN", "还没有声音")]
    public async Task No_sounds_yet_teaches_what_they_are_for(string language, string words)
    {
        await using PortalContext context = new(language);
        context.Api.On("GET /v1/tenants/acme/prompts", new Page<PromptDto>([], null));
        var page = context.Bunit.Render<PromptsPage>(parameters => parameters.Add(p => p.Tenant, "acme"));
        page.WaitForAssertion(() => Assert.Contains(words, page.Markup, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_sound_shows_where_it_plays_and_is_listened_to()
    {
        await using PortalContext context = new();
        context.Api.On("GET /v1/tenants/acme/prompts", new Page<PromptDto>([s_jazz], null));
        var page = context.Bunit.Render<PromptsPage>(parameters => parameters.Add(p => p.Tenant, "acme"));
        page.WaitForAssertion(() => Assert.Equal(["hold music", "greeting of room 800"], page.FindAll("[data-prompt=jazz] .cp-chip").Select(chip => chip.TextContent)));
        page.FindAll("[data-prompt=jazz] button")[0].Click();
        page.WaitForAssertion(() => Assert.StartsWith("/prompts/acme/jazz.wav?v=", page.Find("audio").GetAttribute("src"), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_file_is_uploaded_under_its_own_name_and_a_refusal_is_told()
    {
        await using PortalContext context = new();
        context.Api.On("GET /v1/tenants/acme/prompts", new Page<PromptDto>([], null));
        context.Api.OnProblem("PUT /v1/tenants/acme/prompts/my-music-2", 400, "validation", new Dictionary<string, string[]> { ["$"] = ["Must have samples: this file has none."] });
        var page = context.Bunit.Render<PromptsPage>(parameters => parameters.Add(p => p.Tenant, "acme"));
        page.WaitForElement("#prompt-name");
        page.FindComponent<InputFile>().UploadFiles(InputFileContent.CreateFromText("RIFF", "My Music 2.wav"));
        page.WaitForAssertion(() => Assert.Contains("Must have samples", page.Markup, StringComparison.Ordinal));
        Assert.Equal("RIFF", context.Api.Asked.Single(asked => asked.Request.StartsWith("PUT", StringComparison.Ordinal)).Body);
        context.Api.On("PUT /v1/tenants/acme/prompts/my-music-2", s_jazz, HttpStatusCode.Created);
        context.Api.On("GET /v1/tenants/acme/prompts", new Page<PromptDto>([s_jazz], null));
        page.FindComponent<InputFile>().UploadFiles(InputFileContent.CreateFromText("RIFF", "My Music 2.wav"));
        page.WaitForAssertion(() => Assert.NotEmpty(page.FindAll("[data-prompt=jazz]")));
    }
}
