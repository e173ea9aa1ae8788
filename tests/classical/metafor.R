# Answers of the R package metafor, stored in metafor.csv and compared with ours in test_metafor.py.
# Made with metafor 3.8.1 on R 4.2.2:  Rscript metafor.R > metafor.csv
suppressMessages(library(metafor))
options(warn = -1)
tight <- list(threshold = 1e-13, maxiter = 10000, tol = 1e-13)
say <- function(data, model, quantity, values)
  cat(sprintf("%s,%s,%s,%d,%.12g\n", data, model, quantity, seq_along(values) - 1L, values), sep = "")
cat("data,model,quantity,index,value\n")

bcg <- as.data.frame(escalc("RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg))
bcg$m <- bcg$ablat
expectancy <- as.data.frame(dat.raudenbush1985)
expectancy$m <- pmin(expectancy$weeks, 3)

pairwise <- function(name, d) {
  for (method in c("EE", "DL", "HE", "SJ", "ML", "REML", "PM", "EB"))
    for (mods in c("average", "moderator")) for (test in c("z", "knha")) {
      fit <- rma(yi, vi, mods = if (mods == "average") ~ 1 else ~ m, data = d, method = method, test = test,
                 control = tight)
      model <- paste(method, mods, test)
      say(name, model, "estimate", as.vector(coef(fit)))
      say(name, model, "se", fit$se)
      say(name, model, "p", fit$pval)
      say(name, model, "tau2", fit$tau2)
      say(name, model, "Q", fit$QE)
      if (method != "EE") say(name, model, "H2", fit$H2)
    }
  for (test in c("z", "knha")) {
    fit <- rma(yi, vi, mods = ~ m, data = d, test = test, control = tight)
    model <- paste("REML moderator", test)
    found <- influence(fit)$inf
    for (quantity in c("hat", "cook.d", "dffits")) say(name, model, quantity, found[[quantity]])
    predicted <- predict(fit, newmods = c(1, 2))
    say(name, model, "prediction", c(predicted$pi.lb, predicted$pi.ub))
  }
  fit <- rma(yi, vi, data = d, control = tight)
  say(name, "REML average z", "tau2_interval", confint(fit, control = list(tol = 1e-13))$random[1, 2:3])
  shrunken <- blup(fit)
  say(name, "REML average z", "blup", shrunken$pred)
  say(name, "REML average z", "blup_se", shrunken$se)
  left <- leave1out(fit)
  say(name, "REML average z", "left_out", left$estimate)
  say(name, "REML average z", "left_out_tau2", left$tau2)
}
pairwise("bcg", bcg)
pairwise("expectancy", expectancy)

# Several arms against one control: smoking cessation (Hasselblad 1998), log odds ratios against the study's
# first arm, 0.5 added to every cell of a study with a zero cell; R = (I + 11')/2 is struct CS with rho 1/2.
smoking <- read.csv("../reference/data/hasselblad.csv")
smoking <- do.call(rbind, lapply(split(smoking, smoking$study), function(s) {
  add <- if (any(s$events == 0 | s$events == s$n)) 0.5 else 0
  a <- s$events + add
  b <- s$n - s$events + add
  logodds <- log(a / b)
  v <- 1 / a + 1 / b
  k <- nrow(s)
  design <- sapply(c("S", "I", "G"), function(arm) (s$arm == arm) - (s$arm[1] == arm))[-1, , drop = FALSE]
  data.frame(study = s$study[-1], row = seq_len(k - 1), y = logodds[-1] - logodds[1], v = v[-1], v0 = v[1], design)
}))
V <- outer(smoking$study, smoking$study, "==") * smoking$v0 + diag(smoking$v)
for (method in c("EE", "ML", "REML")) {
  fit <- if (method == "EE") rma.mv(y, V, mods = ~ S + I + G - 1, data = smoking) else
    rma.mv(y, V, mods = ~ S + I + G - 1, random = ~ row | study, struct = "CS", rho = 0.5, data = smoking,
           method = method, control = list(rel.tol = 1e-11))
  say("smoking", paste(method, "arms z"), "estimate", as.vector(coef(fit)))
  say("smoking", paste(method, "arms z"), "se", fit$se)
  say("smoking", paste(method, "arms z"), "Q", fit$QE)
  if (method != "EE") say("smoking", paste(method, "arms z"), "tau2", fit$tau2)
}
